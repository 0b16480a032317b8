/*
 * pango.h - the few functions of cairo and pango that pages need, by their documented interfaces
 * (stable since cairo 1.2 and pango 1.10; one of 1.16), loaded when the first page is made.
 * Declared here, since their headers would ask for sixty packages of X11 and GLib to build this.
 */
#pragma once

#include <stdbool.h>

/* cairo_t, cairo_surface_t, PangoLayout, PangoFontDescription: never looked into */
typedef int(pango_write_h)(void *closure, const unsigned char *data, unsigned int length);
#define CAIRO_OK 0
#define CAIRO_WRITE_ERROR 11
#define CAIRO_TITLE 0	  /* CAIRO_PDF_METADATA_TITLE */
#define PANGO_UNIT 1024	  /* PANGO_SCALE */
#define PANGO_END 3	  /* PANGO_ELLIPSIZE_END */
#define PANGO_RIGHT 2	  /* PANGO_ALIGN_RIGHT */
#define PANGO_WORD_CHAR 2 /* PANGO_WRAP_WORD_CHAR */

#define PANGO_FUNCTIONS(W)                                                                         \
	W(void *, cairo_pdf_surface_create_for_stream, (pango_write_h *, void *, double, double))  \
	W(void, cairo_pdf_surface_set_metadata, (void *, int, const char *))                       \
	W(void *, cairo_create, (void *))                                                          \
	W(void, cairo_destroy, (void *))                                                           \
	W(void, cairo_surface_finish, (void *))                                                    \
	W(void, cairo_surface_destroy, (void *))                                                   \
	W(int, cairo_surface_status, (void *))                                                     \
	W(void, cairo_show_page, (void *))                                                         \
	W(void, cairo_set_source_rgb, (void *, double, double, double))                            \
	W(void, cairo_set_line_width, (void *, double))                                            \
	W(void, cairo_move_to, (void *, double, double))                                           \
	W(void, cairo_line_to, (void *, double, double))                                           \
	W(void, cairo_rectangle, (void *, double, double, double, double))                         \
	W(void, cairo_stroke, (void *))                                                            \
	W(void, cairo_fill, (void *))                                                              \
	W(void *, pango_cairo_create_layout, (void *))                                             \
	W(void, pango_cairo_show_layout, (void *, void *))                                         \
	W(void *, pango_font_description_from_string, (const char *))                              \
	W(void, pango_font_description_free, (void *))                                             \
	W(void, pango_layout_set_font_description, (void *, const void *))                         \
	W(void, pango_layout_set_text, (void *, const char *, int))                                \
	W(void, pango_layout_set_width, (void *, int))                                             \
	W(void, pango_layout_set_height, (void *, int))                                            \
	W(void, pango_layout_set_wrap, (void *, int))                                              \
	W(void, pango_layout_set_ellipsize, (void *, int))                                         \
	W(void, pango_layout_set_alignment, (void *, int))                                         \
	W(void, pango_layout_set_single_paragraph_mode, (void *, int))                             \
	W(void, pango_layout_get_size, (void *, int *, int *))                                     \
	W(void, g_object_unref, (void *))

struct pango {
#define W(result, name, arguments) result(*name) arguments;
	PANGO_FUNCTIONS(W)
#undef W
};

/* NULL: one of the libraries is not there. Any thread. */
const struct pango *pango_load(void);
