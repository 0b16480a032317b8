/* timed_test.c - what stands in a user who has skills for a while, and what he has afterwards. */
#include "tests/test.h"
#include "web/timed.h"

static json_t *doc(const char *text)
{
	json_t *o = json_loads(text, 0, NULL);
	CHECK(o);
	return o;
}

/* Given one after the other; what he is then, and what he is when his time is over. */
TEST(what_he_had_before_all_of_it_comes_back)
{
	static const struct {
		const char *user, *wanted, *then, *back;
	} cases[] = {
		/* until a moment */
		{"{'skills':{'a':1},'queues':['q']}", "{'skills':{'b':2},'until_at':'T'}",
		 "{'skills':{'b':2},'queues':['q'],'for_now':{'skills':{'a':1},'until_at':'T','by':"
		 "'olga'}}",
		 "{'skills':{'a':1},'queues':['q']}"},
		/* he had none */
		{"{}", "{'queues':['q'],'until_at':'T'}",
		 "{'queues':['q'],'for_now':{'queues':[],'until_at':'T','by':'olga'}}",
		 "{'queues':[]}"},
		/* again, before it was over: the first ones are his own */
		{"{'skills':{'b':2},'for_now':{'skills':{'a':1},'until_at':'S','by':'ivan'}}",
		 "{'skills':{'c':3},'until_at':'T'}",
		 "{'skills':{'c':3},'for_now':{'skills':{'a':1},'until_at':'T','by':'olga'}}",
		 "{'skills':{'a':1}}"},
		/* for ever, before it was over: these are his own now */
		{"{'skills':{'b':2},'for_now':{'skills':{'a':1},'until_at':'S','by':'ivan'}}",
		 "{'skills':{'c':3}}", "{'skills':{'c':3}}", NULL},
		/* what is not named keeps its time */
		{"{'queues':['r'],'for_now':{'queues':['q'],'until_at':'S','by':'ivan'}}",
		 "{'skills':{'c':3}}",
		 "{'queues':['r'],'skills':{'c':3},'for_now':{'queues':['q'],'until_at':'S','by':'"
		 "ivan'}}",
		 "{'queues':['q'],'skills':{'c':3}}"},
		{"{'skills':{}}", "{'until_at':'T'}", NULL, NULL},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char room[4][300];
		const char *texts[] = {cases[i].user, cases[i].wanted, cases[i].then,
				       cases[i].back};
		json_t *is[4];
		for (int k = 0; k < 4; k++) {
			struct buf b = buf_make(room[k], sizeof room[k]);
			for (const char *c = texts[k] ? texts[k] : "{}"; *c; c++)
				buf_ch(&b, *c == '\'' ? '"' : *c);
			buf_ch(&b, '\0');
			is[k] = doc(room[k]);
		}
		json_t *then = timed_given(is[0], is[1], STR("olga"));
		json_t *back = then ? timed_back(then) : NULL;
		EXPECT(texts[2] ? json_equal(then, is[2]) : !then);
		EXPECT(texts[3] ? json_equal(back, is[3]) : !back);
		json_decref(then);
		json_decref(back);
		for (int k = 0; k < 4; k++)
			json_decref(is[k]);
	}
}
