/*
 * import.h - files of customers, brought in: what is known of one is a document (openapi Import,
 * with `mapping` instead of columns, and how many bytes of rejects there are) that is told with
 * each batch of records. So a death in the midst costs nothing: it goes on behind the last batch.
 *
 * Files lie in DIR/imports: ID.file, ID.rejects. A clerk of its own desk works on them, one file
 * after another, half of the time at most, so that calls and other clerks hardly feel it.
 */
#pragma once

#include "crm/charset.h"
#include "crm/columns.h"
#include "crm/csv.h"
#include "web/customers.h"

#define IMPORT_FILE_MAX (512ll << 20)
#define IMPORT_HEAD (256u << 10) /* of the file is looked at for a preview */

/* How a file is read. */
struct import_form {
	enum charset charset;
	size_t mark; /* bytes to be passed over */
	char delimiter;
};
bool import_path(const struct web *w, struct str id, const char *ending, char out[4096]);
const char *import_delimiter_word(char delimiter);
char import_delimiter_of(struct str word);
/* From the state; what it does not say is guessed from the head. */
struct import_form import_form(const json_t *state, struct str head);
/* Reads the file to its end or until `going` says no; records come to r, which is set up. */
MUST_USE enum err import_read(int fd, const struct import_form *f, struct csv_reader *r,
			      bool (*going)(void *arg), void *arg);
/* The targets of a state's mapping, views into it; how many. */
uint32_t import_targets(const json_t *state, struct str targets[CSV_FIELDS_MAX]);

/* The web thread, about once a second: gives a clerk work when there is some. */
void imports_second(struct web *w);
enum err import_run(struct clerk *me, struct job *j); /* that clerk: all that run */
/* Says the state; waits until it is durable. import: its id. */
MUST_USE enum err import_say(struct clerk *me, struct job *j, const json_t *state);
