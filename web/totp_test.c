/* totp_test.c - the vectors of RFC 6238 appendix B (SHA-1) and RFC 4226 appendix D, by their last
 * six digits; RFC 4648 section 10 for base32. */
#include "tests/test.h"
#include "web/totp.h"

static const uint8_t secret[TOTP_SECRET_BYTES] = "12345678901234567890";

TEST(codes_are_those_of_the_rfcs)
{
	static const struct {
		int64_t at_s;
		uint32_t code;
	} by_time[] = {{59, 287082},	   {1111111109, 81804},	 {1111111111, 50471},
		       {1234567890, 5924}, {2000000000, 279037}, {20000000000, 353130}};
	static const uint32_t by_count[] = {755224, 287082, 359152, 969429, 338314,
					    254676, 287922, 162583, 399871, 520489};
	for (size_t i = 0; i < COUNT_OF(by_time); i++)
		EXPECT(totp_code(secret, by_time[i].at_s / 30) == by_time[i].code);
	for (size_t i = 0; i < COUNT_OF(by_count); i++)
		EXPECT(totp_code(secret, (int64_t)i) == by_count[i]);
}

TEST(a_code_is_good_once_and_a_step_around_its_own)
{
	const int64_t at_ms = 1111111109000; /* step 37037036: 081804 */
	int64_t step = -1;
	EXPECT(totp_check(secret, STR("081804"), at_ms, 0, &step) == ERR_OK && step == 37037036);
	EXPECT(totp_check(secret, STR("081804"), at_ms, step, &step) == ERR_UNAUTHORIZED);
	EXPECT(totp_check(secret, STR("081804"), at_ms + 30000, 0, &step) == ERR_OK);
	EXPECT(totp_check(secret, STR("081804"), at_ms - 30000, 0, &step) == ERR_OK);
	EXPECT(totp_check(secret, STR("081804"), at_ms + 60000, 0, &step) == ERR_UNAUTHORIZED);
	EXPECT(totp_check(secret, STR("081804"), at_ms - 60000, 0, &step) == ERR_UNAUTHORIZED);
	/* one from before a used one is gone as well */
	EXPECT(totp_check(secret, STR("081804"), at_ms + 30000, 37037037, &step) ==
	       ERR_UNAUTHORIZED);
	static const char *const bad[] = {"",	    "81804",  "0081804", "08180x",
					  "08180 ", "081805", "-81804"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(totp_check(secret, str_of(bad[i]), at_ms, 0, &step) == ERR_UNAUTHORIZED);
}

TEST(secrets_are_told_as_authenticators_read_them)
{
	static const char *const pairs[][2] = {{"", ""},
					       {"f", "MY"},
					       {"fo", "MZXQ"},
					       {"foo", "MZXW6"},
					       {"foob", "MZXW6YQ"},
					       {"fooba", "MZXW6YTB"},
					       {"foobar", "MZXW6YTBOI"}};
	char room[200];
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct buf b = buf_make(room, sizeof room);
		base32_put(&b, (const uint8_t *)pairs[i][0], strlen(pairs[i][0]));
		EXPECT_STR(buf_str(&b), pairs[i][1]);
	}
	struct buf b = buf_make(room, sizeof room);
	totp_uri(&b, STR("anna@acme:x"), STR("MZXW6"));
	EXPECT_STR(buf_str(&b), "otpauth://totp/centrala:anna@acme%3Ax?secret=MZXW6&issuer=centrala"
				"&algorithm=SHA1&digits=6&period=30");
}
