/* audit.c - who saw and changed what. */
#include "web/customers.h"

enum err run_audit(struct clerk *me, struct job *j)
{
	struct audit_filter f = {0};
	struct str contact;
	if (param_str(j, "user", &f.user) != ERR_OK ||
	    param_str(j, "customer", &f.customer) != ERR_OK ||
	    param_str(j, "what", &f.what) != ERR_OK ||
	    param_str(j, "recording", &f.recording) != ERR_OK ||
	    param_str(j, "contact", &contact) != ERR_OK ||
	    param_time(j, "from", &f.from_ms) != ERR_OK ||
	    param_time(j, "to", &f.to_ms) != ERR_OK || param_page(j, &f.limit, &f.after) != ERR_OK)
		return ERR_INVALID;
	if (contact.n && uuid_parse(contact, &f.contact) != ERR_OK)
		return answer_invalid(j, "contact", "is no id of a contact");
	struct buf body = buf_grow(8192);
	const enum err e = query_audit(me->reader, j->match.tenant, &f, &body);
	if (e != ERR_OK) {
		buf_free(&body);
		return e == ERR_INVALID ? answer_invalid(j, "after", "is no cursor of ours") : e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return ERR_OK;
}
