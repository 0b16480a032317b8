/* pq.c - see pq.h. */
#define PQ_LOADER
#include "store/pq.h"

#include <dlfcn.h>
#include <pthread.h>

struct pq pq;
static bool loaded;

static void load(void)
{
	void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return;
	loaded = true;
#define W(name)                                                                                    \
	*(void **)&pq.f_##name = dlsym(library, #name);                                            \
	loaded &= pq.f_##name != NULL;
	PQ_FUNCTIONS(W)
#undef W
}

bool pq_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return loaded;
}
