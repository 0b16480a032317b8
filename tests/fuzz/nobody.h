/* nobody.h - for engines that are given bytes without a world around them: who comes is trusted,
 * nobody has a password, no domain is ours. */
#pragma once

#include "sip/sip.h"

static inline bool nobody_distrusted(void *arg, const struct sip_address *from)
{
	(void)arg;
	(void)from;
	return true;
}

static inline enum err nobody_secret(void *arg, struct str user, struct str realm, struct str *md5,
				     struct str *sha256, bool *wants)
{
	(void)arg;
	(void)user;
	(void)realm;
	(void)md5;
	(void)sha256;
	(void)wants;
	return ERR_NOT_FOUND;
}

static inline bool nobody_domain(void *arg, struct str domain)
{
	(void)arg;
	(void)domain;
	return false;
}
