/* ng.c - see ng.h. */
#define NG_LOADER
#include "web/h2/ng.h"

#include <dlfcn.h>
#include <pthread.h>

struct ng ng;
static bool loaded;

static void load(void)
{
	void *library = dlopen("libnghttp2.so.14", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return;
	loaded = true;
#define W(name)                                                                                    \
	*(void **)&ng.f_##name = dlsym(library, #name);                                            \
	loaded &= ng.f_##name != NULL;
	NG_FUNCTIONS(W)
#undef W
}

bool ng_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return loaded;
}
