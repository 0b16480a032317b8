/* trunk_figures_test.c - occupancy of trunks, cut at the edges of intervals. */
#include "report/trunk_figures.h"
#include "tests/test.h"

static const struct trunk_use uses[] = {
	{0, 1000, false},    {500, 2500, true},	 {1000, 3000, false},
	{2000, 2500, false}, {4000, 4000, true},
};

TEST(a_trunks_use_is_cut_at_the_edges)
{
	static const struct {
		int64_t from, to;
		uint32_t max, in, out, most;
		int64_t used, full, most_at;
	} rows[] = {
		{0, 5000, 2, 3, 2, 3, 5500, 2000, 2000}, /* full from 500 to 2500: one ends as
						      another begins */
		{0, 5000, 3, 3, 2, 3, 5500, 500, 2000},
		{0, 5000, 0, 3, 2, 3, 5500, -1, 2000},
		{0, 1000, 2, 1, 1, 2, 1500, 500, 500},
		{1000, 2000, 2, 1, 0, 2, 2000, 1000, 1000}, /* they go on over the edge */
		{2000, 3000, 1, 1, 0, 3, 2000, 1000, 2000},
		{3000, 4000, 1, 0, 0, 0, 0, 0, 0},
		{4000, 5000, 1, 0, 1, 0, 0, 0, 0}, /* dialled and over at once */
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct trunk_figures f;
		trunk_figures_make(&f, uses, COUNT_OF(uses), rows[i].from, rows[i].to, rows[i].max);
		EXPECT(f.inbound == rows[i].in && f.outbound == rows[i].out);
		EXPECT(f.most == rows[i].most && f.most_at_ms == rows[i].most_at);
		EXPECT(f.used_ms == rows[i].used);
		EXPECT(f.full_ms == rows[i].full);
	}
}

TEST(erlangs_are_use_by_time)
{
	char room[512];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	struct trunk_figures f;
	trunk_figures_make(&f, uses, COUNT_OF(uses), 0, 5000, 0);
	f.blocked = 7;
	jsonw_open(&w, '{');
	trunk_figures_json(&w, &f, 5000);
	jsonw_close(&w, '}');
	EXPECT_STR(buf_str(&b),
		   "{\"calls\":5,\"inbound\":3,\"outbound\":2,\"blocked\":7,\"used_ms\":5500,"
		   "\"erlangs\":1.1,\"most\":3,\"full_ms\":null}");
	trunk_figures_make(&f, uses, 0, 0, 5000, 1);
	EXPECT(!trunk_figures_any(&f));
}
