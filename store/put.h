/*
 * put.h - the few facts that have tables of their own besides `events`: declared objects, sign-ins,
 * answers given, calls on trunks. Inside a transaction of the caller's.
 */
#pragma once

#include "core/fact.h"
#include "store/sql.h"

MUST_USE enum err put_own(struct sql *db, const struct fact *f);
