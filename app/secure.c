/* secure.c - see secure.h. */
#include "app/secure.h"

#include "os/clock.h"
#include "os/log.h"
#include "web/h2/h2.h"

#define DAY_S 86400
#define SOON_DAYS 21 /* a certificate of 90 days is renewed after 60 */
#define LOOK_MS (3600 * 1000)

static bool wanted(const struct settings *s)
{
	return s->tls_cert[0] || s->tls_more[0] || s->tls_ca[0] || s->tls_client_ca[0];
}

static enum tls_client_auth client_auth(const struct settings *s)
{
	return str_is(str_of(s->tls_client_auth), "required")	? TLS_CLIENT_REQUIRED
	       : str_is(str_of(s->tls_client_auth), "optional") ? TLS_CLIENT_OPTIONAL
								: TLS_CLIENT_NONE;
}

static bool stir_wanted(const struct settings *s)
{
	return s->stir_trust[0] || s->stir_key[0];
}

static void open_later(struct house *h, const char *what, struct str why)
{
	struct buf wrong = buf_make(h->tls_wrong, sizeof h->tls_wrong - 1);
	buf_c(&wrong, what);
	buf_put(&wrong, str_head(why, sizeof h->tls_wrong - wrong.n - 1));
	h->tls_wrong[wrong.n] = 0;
}

static enum err open_stir(struct house *h, enum house_start start, struct buf *why)
{
	const struct settings *s = &h->set;
	struct stir_options o = {.certificates = s->stir_certificates,
				 .trust = s->stir_trust,
				 .certificate = s->stir_certificate,
				 .key = s->stir_key,
				 .x5u = s->stir_x5u};
	size_t said = why->n;
	enum err e = stir_wanted(s) ? stir_create(&o, &h->stir, why) : ERR_OK;
	voice_stir(h->voice, h->stir);
	if (e == ERR_OK || start == HOUSE_FRESH)
		return e;
	open_later(h, "not loaded, nobody's identity holds: ", str_from(buf_str(why), said));
	why->n = said;
	return ERR_OK;
}

enum err secure_open(struct house *h, enum house_start start, struct buf *why)
{
	const struct settings *s = &h->set;
	struct tls_options o = {.cert = s->tls_cert,
				.key = s->tls_key,
				.more = s->tls_more,
				.client_ca = s->tls_client_ca,
				.client_auth = client_auth(s),
				.ca = s->tls_ca,
				.verify = str_is(str_of(s->tls_verify), "on")};
	size_t said = why->n;
	enum err e = open_stir(h, start, why);
	if (e != ERR_OK)
		return e;
	if (!wanted(s) && o.verify) /* net.h makes its own when a connection out wants it */
		return ERR_OK;
	e = tls_create(&o, &h->tls, why);
	if (e == ERR_OK || start == HOUSE_FRESH)
		return e;
	open_later(h, "not loaded, nothing is served over TLS: ", str_from(buf_str(why), said));
	why->n = said;
	return ERR_OK;
}

struct tls *secure_web(struct house *h)
{
	const struct settings *s = &h->set;
	struct tls *t = NULL;
	char room[200];
	struct buf why = buf_make(room, sizeof room);
	struct tls_options o = {
		.cert = s->tls_cert, .key = s->tls_key, .more = s->tls_more, .alpn = h2_alpn()};
	/* with the main thread's it has been read a moment ago: what is wrong was told */
	if (!h->tls || tls_create(&o, &t, &why) != ERR_OK)
		return NULL;
	return t;
}

static void alarm_of(struct house *h, const char *name, struct str detail)
{
	const struct object *system =
		objects_find(h->core.objects, KIND_tenant, STR("system"), STR("system"));
	log_line(LOG_ERROR, "event=%s detail=\"" STR_FMT "\"", name, STR_ARG(detail));
	EMIT(&h->core, alarm,
	     .tenant = system ? ID_AS(tenant_id, system->id) : (struct tenant_id){0},
	     .name = str_of(name), .detail = detail);
}

static void reload_stir(struct house *h)
{
	char room[400];
	struct buf why = buf_make(room, sizeof room);
	if (!stir_wanted(&h->set))
		return;
	if (!h->stir) {
		alarm_of(h, "certificate", STR("stir: the core was started without; restart it"));
		return;
	}
	buf_c(&why, "the old ones stay: ");
	if (stir_reload(h->stir, &why) == ERR_OK)
		log_line(LOG_INFO, "event=stir_read certificates=%u", stir_certificates(h->stir));
	else
		alarm_of(h, "certificate", buf_str(&why));
}

void secure_reload(struct house *h)
{
	reload_stir(h);
	char room[400];
	struct buf why = buf_make(room, sizeof room);
	if (!wanted(&h->set))
		return;
	int64_t began_us = clock_mono_us();
	web_reload(h->web);
	if (!h->tls) { /* there were none that worked when this core began */
		alarm_of(h, "certificate", STR("the core was started without; restart it"));
		return;
	}
	buf_c(&why, "the old one stays: ");
	if (tls_reload(h->tls, &why) == ERR_OK) {
		log_line(LOG_INFO, "event=certificates_read us=%lld",
			 (long long)(clock_mono_us() - began_us));
		h->tls_look_ms = 0;
	} else {
		alarm_of(h, "certificate", buf_str(&why));
	}
}

/* Told once a day, from SOON_DAYS before the end on. */
static void watch_end(struct house *h)
{
	char room[SETTING_PATH + 100];
	struct buf detail = buf_make(room, sizeof room);
	int64_t left_s = tls_left_s(h->tls, &detail), day = h->core.utc_ms / 1000 / DAY_S;
	if (left_s >= (int64_t)SOON_DAYS * DAY_S || day == h->tls_told_day)
		return;
	h->tls_told_day = day;
	if (left_s < 0)
		buf_c(&detail, " has expired");
	else
		buf_fmt(&detail, " expires in %lld days", (long long)(left_s / DAY_S));
	alarm_of(h, "certificate", buf_str(&detail));
}

void secure_watch(struct house *h)
{
	if (h->tls_wrong[0])
		alarm_of(h, "certificate", str_of(h->tls_wrong));
	h->tls_wrong[0] = 0;
	if (!h->tls || h->core.now_ms < h->tls_look_ms)
		return;
	h->tls_look_ms = h->core.now_ms + LOOK_MS;
	watch_end(h);
}

bool secure_name(void *arg, const struct sip_address *to, struct buf *name)
{
	struct house *h = arg;
	return voice_tls_name(h->voice, to, name);
}

void secure_refused(void *arg, const struct sip_address *to, struct str why)
{
	struct house *h = arg;
	voice_tls_refused(h->voice, to, why);
	core_deliver(&h->core);
}

bool secure_certified(void *arg, uint32_t stream, struct str name)
{
	struct house *h = arg;
	return h->net && net_certified(h->net, stream, name);
}
