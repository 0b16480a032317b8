/*
 * pages.h - the pages inside the program: which of them answers an address, and with what headers.
 *
 * `make` puts whatever lies in web/ui/dist into the binary (tools/pages_embed.py): nothing on disk
 * is ever opened by a name from outside. A file may have siblings NAME.br and NAME.gz; these are
 * never addresses of their own, they answer for NAME when Accept-Encoding prefers them. Pure.
 */
#pragma once

#include "web/http.h"

struct page_file {
	const char *path;  /* "/assets/main-3f2a.js" */
	const char *bytes; /* never go away */
	uint64_t size;
	const char *etag; /* SHA-256 of the bytes, hex */
};

struct pages {
	const struct page_file *files; /* by path, ascending as bytes */
	uint32_t count;
};

/* What the makefile embedded; none where the pages were not built. */
extern const struct page_file pages_embedded_files[];
extern const uint64_t pages_embedded_count;

/*
 * ERR_NOT_FOUND: the address is no page. ERR_UNSUPPORTED: it is one, but not for this method.
 * ERR_OK: *out is whole but for the headers every answer has. Addresses without a dot are routes of
 * the browser's own and get index.html, unless they belong to the interface. p without files: `/`
 * says so.
 */
MUST_USE enum err pages_answer(const struct pages *p, const struct h1_head *h,
			       struct http_answer *out);

/* RFC 9110 section 12.5.3: the weight of one coding in thousandths, 0: not wanted. */
uint32_t coding_weight(struct str accept, const char *coding);
/* RFC 9110 section 13.1.2: does If-None-Match name this tag (without quotes)? */
bool etag_listed(struct str header, struct str etag);
