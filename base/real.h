/*
 * real.h - log, exp and square root that give the same bits on every machine.
 *
 * The C library's differ from one version to the next in the last place, and a simulated day would
 * drift apart with them. These use IEEE 754 doubles, + - * / and bits only (the house is compiled
 * with -ffp-contract=off, so no compiler fuses a product into a sum). Pure; any thread.
 */
#pragma once

#include "base/check.h"

/* Natural logarithm: relative error below 4e-16 (2 units of the last place) for every positive
 * number. 0: minus infinity; below 0 and NaN: NaN; infinity: itself. */
double real_log(double x);
/* e^x: relative error below 4e-16; above 709.782 infinity; below -708 gradually, below -746 exactly
 * 0. */
double real_exp(double x);
/* Correctly rounded, as IEEE 754 demands; NaN below 0. */
double real_sqrt(double x);
