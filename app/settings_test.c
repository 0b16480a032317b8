/* settings_test.c - file, environment, --set: the last one wins, and no mistake is passed over. */
#include "app/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static char dir[64], why_text[1024];
static struct buf why;
static struct settings s;

static void begin(const char *conf)
{
	char name[96];
	snprintf(dir, sizeof dir, "/tmp/settings_test_XXXXXX");
	CHECK(mkdtemp(dir));
	why = buf_make(why_text, sizeof why_text);
	if (!conf)
		return;
	snprintf(name, sizeof name, "%s/centrala.conf", dir);
	FILE *f = fopen(name, "w");
	CHECK(f && fputs(conf, f) >= 0);
	fclose(f);
}

static void end(void)
{
	char name[96];
	snprintf(name, sizeof name, "%s/centrala.conf", dir);
	unlink(name);
	rmdir(dir);
}

static bool says(const char *part)
{
	bool there = str_find_str(buf_str(&why), str_of(part)) >= 0;
	if (!there)
		test_say(buf_str(&why));
	return there;
}

TEST(without_any_word_the_defaults_hold)
{
	begin(NULL);
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_OK && !why.n);
	EXPECT_STR(str_of(s.http_listen), "127.0.0.1:8080");
	EXPECT_STR(str_of(s.media_ports), "20000-29999");
	EXPECT_STR(str_of(s.sip_advertise), "");
	EXPECT_STR(str_of(s.dir), dir);
	end();
}

TEST(set_beats_environment_beats_file)
{
	char listen[] = "http.listen=127.0.0.1:3", level[] = " log.level = debug ";
	char *sets[] = {listen, level};
	begin("# a comment\n\n  http.listen = 127.0.0.1:1  \r\nsip.listen=127.0.0.1:11\n"
	      "media.ip=10.0.0.1\nhttp.listen = 127.0.0.1:9\n");
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_OK);
	EXPECT_STR(str_of(s.http_listen), "127.0.0.1:9"); /* the later line */
	setenv("CENTRALA_HTTP_LISTEN", "127.0.0.1:2", 1);
	setenv("CENTRALA_SIP_LISTEN", "127.0.0.1:22", 1);
	EXPECT(settings_read(&s, dir, sets, 2, &why) == ERR_OK && !why.n);
	EXPECT_STR(str_of(s.http_listen), "127.0.0.1:3");
	EXPECT_STR(str_of(s.sip_listen), "127.0.0.1:22");
	EXPECT_STR(str_of(s.media_ip), "10.0.0.1");
	EXPECT_STR(str_of(s.log_level), "debug");
	setenv("CENTRALA_SIP_LISTEN", "nonsense", 1);
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_INVALID);
	EXPECT(says("CENTRALA_SIP_LISTEN: sip.listen: \"nonsense\" must be address:port"));
	unsetenv("CENTRALA_HTTP_LISTEN");
	unsetenv("CENTRALA_SIP_LISTEN");
	end();
}

TEST(mistakes_say_what_and_where)
{
	static const struct {
		const char *conf, *says;
	} cases[] = {
		{"\nhttp.lisen = x\n", "centrala.conf:2: unknown setting \"http.lisen\""},
		{"http.listen\n", "centrala.conf:1: \"http.listen\" is not KEY = VALUE"},
		{"= 5\n", "unknown setting \"\""},
		{"http.listen = 127.0.0.1\n", "must be address:port"},
		{"http.listen = 127.0.0.1:65536\n", "must be address:port"},
		{"http.listen = :80\n", "must be address:port"},
		{"http.listen = ::1:80\n", "must be address:port"},
		{"http.listen = [::1]80\n", "must be address:port"},
		{"http.listen =\n", "must be address:port"},
		{"media.ports = 20000\n", "must be LOW-HIGH"},
		{"media.ports = 80-100\n", "must be LOW-HIGH"},
		{"media.ports = 20000-20001\n", "must be LOW-HIGH"},
		{"media.ports = 30000-20000\n", "must be LOW-HIGH"},
		{"media.threads = two\n", "must be a number"},
		{"media.threads = -1\n", "must be a number"},
		{"limits.contacts = 1000001\n", "must be a number"},
		{"media.ip = 10.0.0.1/8\n", "must be an address"},
		{"https.listen = 127.0.0.1:1\n", "need tls.cert"},
		{"https.listen = here\n", "must be address:port"},
		{"tls.cert = a\n", "belong together"},
		{"stir.trust = a\n", "belong together"},
		{"stir.certificate = a\nstir.key = b\n", "belong together"},
		{"tls.client_auth = required\n", "needs tls.client_ca"},
		{"tls.verify = no\n", "must be on or off"},
		{"recordings.format = mp3\n", "must be wav or opus"},
		{"store.url = mysql:x\n", "store.url: must be sqlite:FILE or postgresql://"},
		{"store.url = sqlite:\n", "must be sqlite:FILE"},
		{"store.url =\n", "must not be empty"},
		{"store.url = postgresql:d\n", "is no PostgreSQL URL"},
		{"store.url = postgresql://me:pass@word@h/d\n", "is no PostgreSQL URL"},
		{"recordings.url = recordings\n", "must be file:FOLDER"},
		{"log.level = loud\n", "must be error, warn, info or debug"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		begin(cases[i].conf);
		EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_INVALID);
		EXPECT(says(cases[i].says));
		end();
	}
	char unknown[] = "no.such=1", valueless[] = "http.listen";
	char *set[] = {unknown}, *bare[] = {valueless};
	begin(NULL);
	EXPECT(settings_read(&s, dir, set, 1, &why) == ERR_INVALID);
	EXPECT(says("--set: unknown setting \"no.such\""));
	EXPECT(settings_read(&s, dir, bare, 1, &why) == ERR_INVALID);
	EXPECT(settings_read(&s, "", NULL, 0, &why) == ERR_INVALID);
	char huge[600];
	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = 0;
	EXPECT(settings_read(&s, huge, NULL, 0, &why) == ERR_INVALID);
	memcpy(huge, "store.url=", 10);
	char *too_long[] = {huge};
	why.n = 0;
	EXPECT(settings_read(&s, dir, too_long, 1, &why) == ERR_INVALID && says("is too long"));
	end();
}

TEST(the_environment_may_name_a_file)
{
	char name[96];
	begin("#");
	snprintf(name, sizeof name, "%s/level", dir);
	FILE *f = fopen(name, "w");
	CHECK(f && fputs(" debug\n", f) >= 0);
	fclose(f);
	setenv("CENTRALA_LOG_LEVEL_FILE", name, 1);
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_OK);
	EXPECT_STR(str_of(s.log_level), "debug");
	setenv("CENTRALA_LOG_LEVEL", "warn", 1); /* said outright wins */
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_OK);
	EXPECT_STR(str_of(s.log_level), "warn");
	unsetenv("CENTRALA_LOG_LEVEL");
	unlink(name);
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_IO && says("cannot be read"));
	unsetenv("CENTRALA_LOG_LEVEL_FILE");
	end();
}

TEST(a_file_that_is_no_settings_file)
{
	char *text = xcalloc(1, 20001);
	memset(text, '#', 20000);
	begin(text);
	EXPECT(settings_read(&s, dir, NULL, 0, &why) == ERR_TOO_LARGE && says("16 KiB"));
	free(text);
	end();
}

TEST(addresses_and_ports)
{
	char host[64];
	uint16_t port, high;
	EXPECT(settings_address(STR("127.0.0.1:0"), host, &port) == ERR_OK && port == 0);
	EXPECT(settings_address(STR("[::1]:5060"), host, &port) == ERR_OK && port == 5060);
	EXPECT_STR(str_of(host), "::1");
	EXPECT(settings_address(STR("[]:1"), host, &port) == ERR_INVALID);
	EXPECT(settings_ports(STR("1024-65535"), &port, &high) == ERR_OK);
	EXPECT(port == 1024 && high == 65535);
	EXPECT(settings_number("12") == 12 && settings_number("x") == 0);
	char text[4096];
	struct buf help = buf_make(text, sizeof text);
	settings_help(&help);
	EXPECT(!help.full && str_find_str(buf_str(&help), STR("sip.listen")) > 0);
}
