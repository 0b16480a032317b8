/* table.c - see table.h. */
#include "web/export/table.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

void table_put_time(struct buf *out, const struct table *t, int64_t utc_ms, bool seconds)
{
	struct local_time l;
	zone_local(t->zone, utc_ms, &l);
	buf_fmt(out, "%04d-%02d-%02d", l.year, l.month, l.day);
	if (!t->days)
		buf_fmt(out, " %02d:%02d", l.hour, l.minute);
	if (!t->days && seconds)
		buf_fmt(out, ":%02d", l.second);
}

void table_put_duration(struct buf *out, int64_t ms)
{
	const int64_t s = (ms + 500) / 1000;
	buf_fmt(out, "%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

void table_put_real(struct buf *out, double v, int decimals, char point)
{
	char text[64];
	const int n = snprintf(text, sizeof text, "%.*f", decimals, v);
	for (int i = 0; i < n && i < (int)sizeof text; i++)
		buf_ch(out, text[i] == '.' ? point : text[i]);
}

void table_put_cell(struct buf *out, const struct table *t, uint32_t column,
		    const struct table_cell *cell)
{
	const char point = t->lang == REPORT_EN ? '.' : ',';
	if (!cell->some) {
		buf_c(out, "—");
		return;
	}
	switch (t->columns[column].type) {
	case COLUMN_TEXT:
	case COLUMN_LIST:
	case COLUMN_COUNTS:
	case COLUMN_DURATIONS:
		buf_put(out, cell->text);
		return;
	case COLUMN_TIME:
		table_put_time(out, t, cell->n, false);
		return;
	case COLUMN_COUNT:
		buf_i64(out, cell->n);
		return;
	case COLUMN_RATIO:
		table_put_real(out, floor(cell->real * 1000 + 0.5) / 10, 1, point);
		buf_c(out, "\u00a0%");
		return;
	case COLUMN_REAL:
		table_put_real(out, cell->real, 2, point);
		return;
	case COLUMN_DURATION:
		table_put_duration(out, cell->n);
		return;
	}
}

enum err table_write(int fd, struct buf *text)
{
	size_t at = 0;
	while (at < text->n) {
		const ssize_t n = write(fd, text->p + at, text->n - at);
		if (n <= 0)
			return ERR_DISK_FULL;
		at += (size_t)n;
	}
	text->n = 0;
	return ERR_OK;
}
