/*
 * site_test.h - the site file of the contract and short words for what tests do with it; for
 * tests of this room only.
 */
#pragma once

#include "objects/registry.h"
#include "tests/test.h"

extern const uint8_t FIXTURE_KEY[32];

/* HA1 of anna, acme.test, swordfish, by md5sum and sha256sum */
#define HA1_MD5 "abcf108378d6df14b17ba1c9c0128dae"
#define HA1_SHA256 "5807f71b4e6eb0c5b145714dd9032a85e79f2ce51d31bea018c317050cc2b0fa"

/* Of the last request: its errors, and the stored document and op of its last change. */
extern char last_errors[16384], last_doc[16384];
extern const char *last_op;

bool has(struct str text, const char *what);
struct str site_acme(void); /* tests/data/site/acme.json */
/* Prepares and commits a site file: how many objects changed, -1 on mistakes. */
int site_apply(struct registry *g, struct str body);
/* A registry in which acme.json was applied. */
struct registry *site_registry(void);
/* One object of tenant acme (or a tenant), committed: its new version, 0 when nothing changed,
 * minus the error. */
int put(struct registry *g, enum object_kind kind, const char *id, const char *body);
int drop(struct registry *g, enum object_kind kind, const char *id);
int rollback(struct registry *g, enum object_kind kind, const char *id, const char *doc);
/* As told outside; valid until the next call; empty when it is not there. */
struct str got(struct registry *g, enum object_kind kind, const char *id);
/* Compiled anew; valid until the next call; never NULL, but empty when it is not there. */
const struct config *compiled(struct registry *g, enum object_kind kind, const char *id);
