/* sound_file.c - see sound_file.h. */
#include "media/sound_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/ledger.h"
#include "os/clock.h"
#include "os/log.h"

#define PIECE 8192 /* frames read at once */

bool sound_file_is_opus(struct str path)
{
	return str_ends(path, STR(".opus"));
}

static void failed(struct sound_file *f, const char *doing)
{
	if (f->wrong)
		return;
	f->wrong = errno ? (uint32_t)errno : EIO;
	f->doing = doing;
}

/* A short write is the way a full disk begins; the second try tells why. */
static bool write_all(int fd, const char *p, size_t n, off_t at)
{
	while (n) {
		ssize_t done = pwrite(fd, p, n, at);
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
		at += done;
	}
	return true;
}

static size_t read_all(int fd, char *p, size_t n, off_t at)
{
	size_t got = 0;
	while (got < n) {
		ssize_t more = pread(fd, p + got, n - got, at + (off_t)got);
		if (more <= 0)
			break;
		got += (size_t)more;
	}
	return got;
}

/* ID.peaks beside ID.wav. */
static void write_peaks(struct peaks *p, uint64_t frames, int root, struct str path)
{
	char name[TAPE_PATH_MAX + 8];
	struct buf b = buf_make(name, sizeof name);
	struct buf bytes = buf_grow(p->points.n + PEAKS_HEADER + PEAKS_POINT);
	size_t stem = path.n - (sound_file_is_opus(path) ? 5 : 4);
	buf_put(&b, str_head(path, stem));
	buf_c(&b, ".peaks");
	peaks_file(p, frames, &bytes);
	int fd = ledger_create_below(root, buf_str(&b));
	if (fd < 0 || !write_all(fd, bytes.p, bytes.n, 0))
		log_line(LOG_WARN, "event=peaks_failed path=" STR_FMT " error=%s", STR_ARG(path),
			 strerrorname_np(errno));
	if (fd >= 0)
		close(fd);
	buf_free(&bytes);
}

/* Pages go behind each other; one that finds no room is left out, whole. */
static void append(struct sound_file *f, const struct buf *pages)
{
	struct str rest = buf_str(pages);
	struct ogg_read page;
	while (rest.n && f->fd >= 0) {
		CHECK(ogg_page_read(rest, &page) == ERR_OK);
		bool useless = page.number > f->heads && f->heads < 2; /* nobody could read it */
		if (useless) {
			rest = STR_NONE;
		} else if (write_all(f->fd, rest.p, page.size, f->at)) {
			f->at += (off_t)page.size;
			f->written_ms = (uint32_t)(page.granule / 48);
			f->heads += f->heads < 2;
		} else {
			failed(f, "write");
			if (ftruncate(f->fd, f->at) < 0)
				failed(f, "cut");
		}
		rest = str_from(rest, MIN(rest.n, page.size));
	}
}

static void open_opus(struct sound_file *f)
{
	uint32_t serial;
	os_random(&serial, sizeof serial);
	f->opus = opus_out_create(serial);
	CHECK(f->opus);
	struct buf pages = buf_grow(512);
	opus_out_put(f->opus, NULL, 0, &pages);
	append(f, &pages);
	buf_free(&pages);
}

void sound_file_open(struct sound_file *f, int root, struct str path)
{
	uint8_t header[WAV_HEADER];
	*f = (struct sound_file){.fd = ledger_create_below(root, path)};
	peaks_init(&f->peaks);
	if (f->fd < 0)
		failed(f, "create");
	if (f->fd >= 0 && sound_file_is_opus(path)) {
		open_opus(f);
		return;
	}
	sound_wav_header(header, SOUND_RATE, 2, 0);
	if (f->fd >= 0 && !write_all(f->fd, (char *)header, sizeof header, 0))
		failed(f, "write");
}

static void write_wav(struct sound_file *f, uint64_t at, const int16_t *pcm, size_t frames)
{
	off_t place = WAV_HEADER + (off_t)at * 4;
	if (!write_all(f->fd, (const char *)pcm, frames * 4, place))
		failed(f, "write");
	else
		(void)sync_file_range(f->fd, place, (off_t)frames * 4, SYNC_FILE_RANGE_WRITE);
}

static void write_opus(struct sound_file *f, uint64_t at, const int16_t *pcm, size_t frames)
{
	static const int16_t none[2 * PIECE];
	struct buf pages = buf_grow(8192);
	off_t from = f->at;
	while (f->frames < at) { /* fell out: silence */
		size_t n = (size_t)MIN(at - f->frames, (uint64_t)PIECE);
		opus_out_put(f->opus, none, n, &pages);
		f->frames += n;
	}
	opus_out_put(f->opus, pcm, frames, &pages);
	f->frames += frames;
	append(f, &pages);
	if (f->at > from)
		(void)sync_file_range(f->fd, from, f->at - from, SYNC_FILE_RANGE_WRITE);
	buf_free(&pages);
}

void sound_file_write(struct sound_file *f, uint64_t at, const int16_t *pcm, size_t frames)
{
	if (f->fd < 0)
		return;
	peaks_add(&f->peaks, at, pcm, frames);
	if (f->opus)
		write_opus(f, at, pcm, frames);
	else
		write_wav(f, at, pcm, frames);
}

/* Not even the header ever found room: holes without one are no recording, and are not told as one.
 */
static bool headless(int fd)
{
	char head[WAV_HEADER];
	return pread(fd, head, sizeof head, 0) != sizeof head || memcmp(head, "RIFF", 4) != 0 ||
	       memcmp(head + 36, "data", 4) != 0;
}

/* Holes read as silence. Only where not even a hole fits is the length what is there. */
static int64_t end_wav(struct sound_file *f, uint64_t frames)
{
	uint8_t header[WAV_HEADER];
	struct stat st;
	if (ftruncate(f->fd, WAV_HEADER + (off_t)frames * 4) < 0) {
		failed(f, "finish");
		frames = fstat(f->fd, &st) == 0 && st.st_size > WAV_HEADER
				 ? (uint64_t)(st.st_size - WAV_HEADER) / 4
				 : 0;
	}
	sound_wav_header(header, SOUND_RATE, 2, (uint32_t)frames * 4);
	if (!write_all(f->fd, (char *)header, sizeof header, 0)) {
		failed(f, "finish");
		if (headless(f->fd) && ftruncate(f->fd, 0) == 0)
			frames = 0;
	}
	return (int64_t)frames / 8;
}

static int64_t end_opus(struct sound_file *f, uint64_t frames)
{
	struct buf pages = buf_grow(8192);
	write_opus(f, frames, NULL, 0);
	opus_out_end(f->opus, &pages);
	append(f, &pages);
	buf_free(&pages);
	opus_out_destroy(f->opus);
	f->opus = NULL;
	if (f->heads < 2 && ftruncate(f->fd, 0) == 0)
		return 0;
	/* the last page's position holds what the decoder leaves out at the beginning, some 5 ms */
	return MIN((int64_t)f->written_ms, (int64_t)frames / 8);
}

int64_t sound_file_end(struct sound_file *f, int root, struct str path, uint64_t frames)
{
	int64_t ms = 0;
	if (f->fd >= 0) {
		ms = f->opus ? end_opus(f, frames) : end_wav(f, frames);
		if (ms)
			write_peaks(&f->peaks, frames, root, path);
	}
	peaks_finish(&f->peaks);
	return ms;
}

void sound_file_close(struct sound_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* -- what a crash left open -- */

struct rescue {
	struct peaks peaks;
	uint64_t frames;
};

static void rescued(void *arg, const int16_t *pcm, size_t frames)
{
	struct rescue *r = arg;
	peaks_add(&r->peaks, r->frames, pcm, frames);
	r->frames += frames;
}

static int64_t repair_wav(int fd, off_t size, struct rescue *r)
{
	uint8_t header[WAV_HEADER];
	int16_t pcm[2 * 1024];
	uint64_t frames = MIN((uint64_t)(size - WAV_HEADER) / 4, (uint64_t)(UINT32_MAX - 64) / 4);
	sound_wav_header(header, SOUND_RATE, 2, (uint32_t)(frames * 4));
	if (!write_all(fd, (char *)header, sizeof header, 0) ||
	    ftruncate(fd, WAV_HEADER + (off_t)frames * 4) < 0)
		return 0;
	while (r->frames < frames) {
		size_t want = (size_t)MIN(frames - r->frames, (uint64_t)1024);
		off_t at = WAV_HEADER + (off_t)r->frames * 4;
		if (read_all(fd, (char *)pcm, want * 4, at) != want * 4)
			break;
		rescued(r, pcm, want);
	}
	return (int64_t)frames / 8;
}

/* Up to the last whole page, which becomes the last of the stream. */
static int64_t repair_opus(int fd, struct rescue *r)
{
	char *bytes = xcalloc(1, OGG_PAGE_MAX);
	struct opus_in *in = opus_in_create();
	struct ogg_read page;
	off_t at = 0, last_at = 0;
	size_t last = 0;
	int64_t ms = 0;
	for (size_t n; (n = read_all(fd, bytes, OGG_PAGE_MAX, at)) > 0;) {
		if (ogg_page_read(str_make(bytes, n), &page) != ERR_OK ||
		    opus_in_page(in, &page, rescued, r) != ERR_OK)
			break;
		last_at = at;
		last = page.size;
		at += (off_t)page.size;
		ms = opus_in_ms(in, page.granule);
	}
	if (last && read_all(fd, bytes, last, last_at) == last) {
		ogg_page_mark_last(bytes, last);
		if (!write_all(fd, bytes, last, last_at) || ftruncate(fd, at) < 0)
			ms = 0;
	}
	opus_in_destroy(in);
	free(bytes);
	return ms;
}

int64_t sound_file_repair(int fd, int root, struct str path)
{
	struct rescue r = {0};
	struct stat st;
	int64_t ms = 0;
	if (fstat(fd, &st) < 0 || st.st_size < WAV_HEADER)
		return 0;
	peaks_init(&r.peaks);
	ms = sound_file_is_opus(path) ? repair_opus(fd, &r) : repair_wav(fd, st.st_size, &r);
	if (ms)
		write_peaks(&r.peaks, (uint64_t)ms * 8, root, path);
	peaks_finish(&r.peaks);
	return ms;
}
