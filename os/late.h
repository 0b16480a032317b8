/*
 * late.h - a library that only he who needs it first takes into memory: linked, it would cost every
 * process (store/pq.h).
 *
 * FUNCTIONS is a list of names as X(name). LATE_LIBRARY(file, FUNCTIONS) makes a static `library`
 * with a member f_NAME for each, `loaded` (all of them were found) and load(), which runs under
 * pthread_once.
 */
#pragma once

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

#define LATE_MEMBER(name) __typeof__(&(name)) f_##name;
#define LATE_FIND(name)                                                                            \
	*(void **)&library.f_##name = dlsym(handle, #name);                                        \
	loaded &= library.f_##name != NULL;

#define LATE_LIBRARY(file, FUNCTIONS)                                                              \
	static struct {                                                                            \
		FUNCTIONS(LATE_MEMBER)                                                             \
	} library;                                                                                 \
	static bool loaded;                                                                        \
	static void load(void)                                                                     \
	{                                                                                          \
		void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);                                \
		loaded = handle != NULL;                                                           \
		if (handle) {                                                                      \
			FUNCTIONS(LATE_FIND)                                                       \
		}                                                                                  \
	}
