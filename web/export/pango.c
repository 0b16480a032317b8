/* pango.c - see pango.h. */
#include "web/export/pango.h"

#include <dlfcn.h>
#include <pthread.h>

static struct pango library;
static bool loaded;

/* pangocairo brings the others with it; each name is looked for where it lives. */
static void load(void)
{
	void *handles[] = {dlopen("libpangocairo-1.0.so.0", RTLD_NOW | RTLD_LOCAL),
			   dlopen("libpango-1.0.so.0", RTLD_NOW | RTLD_LOCAL),
			   dlopen("libcairo.so.2", RTLD_NOW | RTLD_LOCAL),
			   dlopen("libgobject-2.0.so.0", RTLD_NOW | RTLD_LOCAL)};
	const int count = sizeof handles / sizeof *handles;
	loaded = true;
#define W(result, name, arguments)                                                                 \
	for (int i = 0; i < count && !library.name; i++)                                           \
		if (handles[i])                                                                    \
			*(void **)&library.name = dlsym(handles[i], #name);                        \
	loaded = loaded && library.name;
	PANGO_FUNCTIONS(W)
#undef W
}

const struct pango *pango_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return loaded ? &library : 0;
}
