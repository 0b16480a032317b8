/*
 * ng.h - nghttp2, taken into memory only where HTTPS is spoken (see store/pq.h for why).
 *
 * Its functions are called by their own names; ng_load comes first. docs/decisions/0038-http2.md.
 */
#pragma once

#include <nghttp2/nghttp2.h>
#include <stdbool.h>

#define NG_FUNCTIONS(W)                                                                            \
	W(nghttp2_option_del)                                                                      \
	W(nghttp2_option_new)                                                                      \
	W(nghttp2_option_set_max_continuations)                                                    \
	W(nghttp2_option_set_max_settings)                                                         \
	W(nghttp2_option_set_no_closed_streams)                                                    \
	W(nghttp2_option_set_stream_reset_rate_limit)                                              \
	W(nghttp2_session_callbacks_del)                                                           \
	W(nghttp2_session_callbacks_new)                                                           \
	W(nghttp2_session_callbacks_set_on_begin_frame_callback)                                   \
	W(nghttp2_session_callbacks_set_on_begin_headers_callback)                                 \
	W(nghttp2_session_callbacks_set_on_data_chunk_recv_callback)                               \
	W(nghttp2_session_callbacks_set_on_frame_recv_callback)                                    \
	W(nghttp2_session_callbacks_set_on_frame_send_callback)                                    \
	W(nghttp2_session_callbacks_set_on_header_callback)                                        \
	W(nghttp2_session_callbacks_set_on_stream_close_callback)                                  \
	W(nghttp2_session_del)                                                                     \
	W(nghttp2_session_get_stream_user_data)                                                    \
	W(nghttp2_session_mem_recv)                                                                \
	W(nghttp2_session_mem_send)                                                                \
	W(nghttp2_session_resume_data)                                                             \
	W(nghttp2_session_server_new2)                                                             \
	W(nghttp2_session_set_stream_user_data)                                                    \
	W(nghttp2_session_terminate_session)                                                       \
	W(nghttp2_session_want_read)                                                               \
	W(nghttp2_session_want_write)                                                              \
	W(nghttp2_submit_headers)                                                                  \
	W(nghttp2_submit_response)                                                                 \
	W(nghttp2_submit_rst_stream)                                                               \
	W(nghttp2_submit_settings)

struct ng {
#define W(name) __typeof__(&(name)) f_##name;
	NG_FUNCTIONS(W)
#undef W
};
extern struct ng ng;

/* False: the library is not installed, or too old to bound resets and continuations. Any thread;
 * said again it costs nothing. */
bool ng_load(void);

#ifndef NG_LOADER
#define nghttp2_option_del ng.f_nghttp2_option_del
#define nghttp2_option_new ng.f_nghttp2_option_new
#define nghttp2_option_set_max_continuations ng.f_nghttp2_option_set_max_continuations
#define nghttp2_option_set_max_settings ng.f_nghttp2_option_set_max_settings
#define nghttp2_option_set_no_closed_streams ng.f_nghttp2_option_set_no_closed_streams
#define nghttp2_option_set_stream_reset_rate_limit ng.f_nghttp2_option_set_stream_reset_rate_limit
#define nghttp2_session_callbacks_del ng.f_nghttp2_session_callbacks_del
#define nghttp2_session_callbacks_new ng.f_nghttp2_session_callbacks_new
#define nghttp2_session_callbacks_set_on_begin_frame_callback                                      \
	ng.f_nghttp2_session_callbacks_set_on_begin_frame_callback
#define nghttp2_session_callbacks_set_on_begin_headers_callback                                    \
	ng.f_nghttp2_session_callbacks_set_on_begin_headers_callback
#define nghttp2_session_callbacks_set_on_data_chunk_recv_callback                                  \
	ng.f_nghttp2_session_callbacks_set_on_data_chunk_recv_callback
#define nghttp2_session_callbacks_set_on_frame_recv_callback                                       \
	ng.f_nghttp2_session_callbacks_set_on_frame_recv_callback
#define nghttp2_session_callbacks_set_on_frame_send_callback                                       \
	ng.f_nghttp2_session_callbacks_set_on_frame_send_callback
#define nghttp2_session_callbacks_set_on_header_callback                                           \
	ng.f_nghttp2_session_callbacks_set_on_header_callback
#define nghttp2_session_callbacks_set_on_stream_close_callback                                     \
	ng.f_nghttp2_session_callbacks_set_on_stream_close_callback
#define nghttp2_session_del ng.f_nghttp2_session_del
#define nghttp2_session_get_stream_user_data ng.f_nghttp2_session_get_stream_user_data
#define nghttp2_session_mem_recv ng.f_nghttp2_session_mem_recv
#define nghttp2_session_mem_send ng.f_nghttp2_session_mem_send
#define nghttp2_session_resume_data ng.f_nghttp2_session_resume_data
#define nghttp2_session_server_new2 ng.f_nghttp2_session_server_new2
#define nghttp2_session_set_stream_user_data ng.f_nghttp2_session_set_stream_user_data
#define nghttp2_session_terminate_session ng.f_nghttp2_session_terminate_session
#define nghttp2_session_want_read ng.f_nghttp2_session_want_read
#define nghttp2_session_want_write ng.f_nghttp2_session_want_write
#define nghttp2_submit_headers ng.f_nghttp2_submit_headers
#define nghttp2_submit_response ng.f_nghttp2_submit_response
#define nghttp2_submit_rst_stream ng.f_nghttp2_submit_rst_stream
#define nghttp2_submit_settings ng.f_nghttp2_submit_settings
#endif
