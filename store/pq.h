/*
 * pq.h - libpq, taken into memory only by processes that have their data in PostgreSQL.
 *
 * Linked, it and what it brings (Kerberos, LDAP, two TLS libraries) cost each of our processes two
 * to three MiB for nothing on SQLite. Its functions are called by their own names; pq_load comes
 * first. Any thread.
 */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#define PQ_FUNCTIONS(W)                                                                            \
	W(PQclear)                                                                                 \
	W(PQcmdStatus)                                                                             \
	W(PQconnectPoll)                                                                           \
	W(PQconnectStartParams)                                                                    \
	W(PQconninfoFree)                                                                          \
	W(PQconninfoParse)                                                                         \
	W(PQconsumeInput)                                                                          \
	W(PQenterPipelineMode)                                                                     \
	W(PQerrorMessage)                                                                          \
	W(PQfinish)                                                                                \
	W(PQflush)                                                                                 \
	W(PQfreemem)                                                                               \
	W(PQftype)                                                                                 \
	W(PQgetResult)                                                                             \
	W(PQgetisnull)                                                                             \
	W(PQgetlength)                                                                             \
	W(PQgetvalue)                                                                              \
	W(PQisBusy)                                                                                \
	W(PQntuples)                                                                               \
	W(PQparameterStatus)                                                                       \
	W(PQpipelineSync)                                                                          \
	W(PQresultErrorField)                                                                      \
	W(PQresultStatus)                                                                          \
	W(PQsendPrepare)                                                                           \
	W(PQsendQueryParams)                                                                       \
	W(PQsendQueryPrepared)                                                                     \
	W(PQserverVersion)                                                                         \
	W(PQsetNoticeProcessor)                                                                    \
	W(PQsetnonblocking)                                                                        \
	W(PQsocket)                                                                                \
	W(PQstatus)

struct pq {
#define W(name) __typeof__(&(name)) f_##name;
	PQ_FUNCTIONS(W)
#undef W
};
extern struct pq pq;

/* False: the library is not installed. Said again it costs nothing. */
bool pq_load(void);
#define PQ_MISSING "PostgreSQL's client library is missing: install libpq5"

#ifndef PQ_LOADER
#define PQclear pq.f_PQclear
#define PQcmdStatus pq.f_PQcmdStatus
#define PQconnectPoll pq.f_PQconnectPoll
#define PQconnectStartParams pq.f_PQconnectStartParams
#define PQconninfoFree pq.f_PQconninfoFree
#define PQconninfoParse pq.f_PQconninfoParse
#define PQconsumeInput pq.f_PQconsumeInput
#define PQenterPipelineMode pq.f_PQenterPipelineMode
#define PQerrorMessage pq.f_PQerrorMessage
#define PQfinish pq.f_PQfinish
#define PQflush pq.f_PQflush
#define PQfreemem pq.f_PQfreemem
#define PQftype pq.f_PQftype
#define PQgetResult pq.f_PQgetResult
#define PQgetisnull pq.f_PQgetisnull
#define PQgetlength pq.f_PQgetlength
#define PQgetvalue pq.f_PQgetvalue
#define PQisBusy pq.f_PQisBusy
#define PQntuples pq.f_PQntuples
#define PQparameterStatus pq.f_PQparameterStatus
#define PQpipelineSync pq.f_PQpipelineSync
#define PQresultErrorField pq.f_PQresultErrorField
#define PQresultStatus pq.f_PQresultStatus
#define PQsendPrepare pq.f_PQsendPrepare
#define PQsendQueryParams pq.f_PQsendQueryParams
#define PQsendQueryPrepared pq.f_PQsendQueryPrepared
#define PQserverVersion pq.f_PQserverVersion
#define PQsetNoticeProcessor pq.f_PQsetNoticeProcessor
#define PQsetnonblocking pq.f_PQsetnonblocking
#define PQsocket pq.f_PQsocket
#define PQstatus pq.f_PQstatus
#endif
