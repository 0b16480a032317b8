/* identity.c - who calls, verified and signed (stir/stir.h), for trunks that ask for it. */
#include "channel/voice/own_call.h"

void voice_stir(struct voice *v, struct stir *s)
{
	v->stir = s;
}

/* What is verified is the number that is shown; of who withholds his, the one the carrier names. */
static struct str calling(const struct sip_event *ev, const struct trunk_config *t)
{
	bool named = ev->caller && ev->caller->asserted.user.n;
	if (named && (ev->caller->withheld || t->trust_identity))
		return ev->caller->asserted.user;
	return ev->from_user;
}

uint32_t identity_judge(struct voice *v, const struct sip_event *ev,
			const struct tenant_config *home, const struct trunk_config *t,
			struct str called, struct stir_finding *out)
{
	char from[NUMBER_TEXT], to[NUMBER_TEXT];
	number_normalise(calling(ev, t), home->country, from);
	number_normalise(called, home->country, to); /* it may be declared as it is dialled here */
	struct stir_call c = {.identities = ev->identities,
			      .count = ev->identity_count,
			      .orig = str_of(from),
			      .dest = str_of(to),
			      .now_s = v->core->utc_ms / 1000};
	stir_verify(v->stir, &c, out);
	if (out->verdict == STIR_PASSED)
		return 0;
	bool refused = t->identity == IDENTITY_REQUIRE;
	log_line(LOG_INFO, "event=identity verstat=" STR_FMT " why=%s status=%u",
		 STR_ARG(stir_word(out->verdict)), out->why, refused ? out->status : 0);
	return refused ? out->status : 0;
}

/* Of the tenant's own numbers, and of the one the carrier gave this trunk, we know who may show
 * them: A. What an administrator allowed beside them: B. Anything else passes through us: C. */
static char attest_of(struct voice *v, const struct object *tenant, const struct trunk_config *t,
		      struct str number)
{
	const struct tenant_config *home = &tenant->config->tenant_of;
	if (str_eq(number, t->caller_id) ||
	    objects_find(v->core->objects, KIND_number, tenant->name, number))
		return 'A';
	for (uint32_t i = 0; i < home->caller_id_count; i++)
		if (str_eq(home->caller_ids[i], number))
			return 'B';
	return 'C';
}

void identity_sign(struct leg *leg, struct trunk_id trunk, const struct sip_invite *i,
		   struct buf *out)
{
	struct voice *v = leg->voice;
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct object *o = objects_get(v->core->objects, ID(trunk));
	const struct object *tenant = k ? objects_get(v->core->objects, ID(k->tenant)) : NULL;
	if (!o || !tenant || !o->config->trunk.sign)
		return;
	/* who is withheld is named to the carrier alone, if at all */
	struct str shown = i->asserted.user.n ? i->asserted.user
			   : i->withheld      ? STR_NONE
					      : i->from_user;
	char id[PASSPORT_ORIGID], orig[NUMBER_TEXT], name[200];
	struct buf whole = buf_make(name, sizeof name);
	number_normalise(shown, tenant->config->tenant_of.country, orig);
	buf_fmt(&whole, "stir:" STR_FMT "/" STR_FMT, STR_ARG(o->tenant), STR_ARG(o->name));
	stir_origid(v->o.secret, buf_str(&whole), id);
	struct passport_claims c = {.orig = str_of(orig),
				    .dest = str_of(leg->way.number),
				    .origid = str_of(id),
				    .attest = attest_of(v, tenant, &o->config->trunk, str_of(orig)),
				    .iat_s = v->core->utc_ms / 1000};
	enum err e = orig[0] == '+' && leg->way.number[0] == '+' ? stir_sign(v->stir, &c, out)
								 : ERR_INVALID;
	if (e != ERR_OK) /* help and short codes have no number to sign for */
		log_line(e == ERR_INVALID ? LOG_DEBUG : LOG_WARN, "event=not_signed why=\"%s\"",
			 e == ERR_NOT_FOUND ? "stir.certificate is not set" : err_text(e));
}
