/* erlang.c - see erlang.h. lambda, mu, theta: arrivals, services, losses of patience a second. */
#include "plan/erlang.h"

#include <math.h>

#include "base/real.h"

#define CROWD_MAX 1e7 /* arrivals within one patience: as many terms may have to be summed */

double erlang_b(uint32_t agents, double erl)
{
	double b = 1;
	for (uint32_t k = 1; k <= agents; k++)
		b = erl * b / (k + erl * b);
	return b;
}

double erlang_c(uint32_t agents, double erl)
{
	double n = agents;
	if (erl >= n)
		return 1;
	double b = erlang_b(agents, erl);
	return b / (1 - erl / n * (1 - b));
}

static void patient(const struct erlang_load *l, uint32_t agents, struct erlang_figures *f)
{
	double erl = f->offered_erl, n = agents, spare = n - erl;
	f->stable = spare > 0;
	if (!f->stable)
		return;
	f->p_wait = erlang_c(agents, erl);
	f->sl = 1 - f->p_wait * real_exp(-spare * l->threshold_s / l->aht_s);
	f->asa_s = f->wait_s = f->p_wait * l->aht_s / spare;
	f->occupancy = erl / n;
}

/* -- Erlang A -- */

struct palm {
	double lambda, mu, theta, n, rho;
	double top; /* greatest value of the exponent below; what is scaled away */
	double b;   /* Erlang B of n - 1 agents */
};

/* After x seconds of everybody working: lambda H(x) - n mu x, H(x) = (1 - e^(-theta x)) / theta.
 * Rises until the impatient have thinned the arrivals to n mu, if ever. */
static double exponent(const struct palm *p, double x)
{
	double u = p->theta * x, h;
	if (u < 1e-3) /* 1 - e^-u without cancellation */
		h = x * (1 - u / 2 * (1 - u / 3 * (1 - u / 4 * (1 - u / 5))));
	else
		h = (1 - real_exp(-u)) / p->theta;
	return p->lambda * h - p->n * p->mu * x;
}

/* a = 1 + y/(x+1) + y^2/((x+1)(x+2)) + ..., times e^-top; *queue gets sum k t_k / a, which is
 * the mean number waiting while all work. */
static double palm_series(const struct palm *p, double *queue)
{
	double x = p->n * p->mu / p->theta, y = p->lambda / p->theta;
	double a = 1, t = 1, s = 0, scaled = 0;
	for (double k = 1;; k++) {
		t *= y / (x + k);
		a += t;
		s += k * t;
		if (t > 1e200) {
			t *= 1e-200;
			a *= 1e-200;
			s *= 1e-200;
			scaled += 200;
		}
		if (k > y - x && (k + 1) * t < 1e-18 * (1 - y / (x + k)) * s)
			break;
		if (t == 0)
			break;
	}
	*queue = s / a;
	return real_exp(real_log(a) + scaled * 0x1.26bb1bbb55516p+1 - p->top); /* ln 10 */
}

/* Nodes and weights of Gauss and Legendre, 8 points on -1..1, the positive half. */
static const double gauss[4][2] = {
	{0.1834346424956498049394761, 0.3626837833783619829651504},
	{0.5255324099163289858177390, 0.3137066458778872873379622},
	{0.7966664774136267395915539, 0.2223810344533744705443560},
	{0.9602898564975362316835609, 0.1012285362903762591525314},
};

static double reach(const struct palm *p, double x)
{
	return p->lambda * real_exp(exponent(p, x) - p->theta * x - p->top);
}

/* Before this a caller answered is too rare to count: the exponent is 100 below its top. */
static double dawn(const struct palm *p, double turn)
{
	double low = 0, high = turn;
	if (exponent(p, 0) - p->top > -100)
		return 0;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		if (exponent(p, middle) - p->top < -100)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Integrals over 0..to of f(x) and x f(x), f = lambda e^(-theta x) e^(exponent(x) - top): callers
 * who are answered after x seconds. Steps in which the exponent moves by at most about one. */
static void served(const struct palm *p, double to, double *count, double *wait)
{
	double turn = p->rho > 1 ? real_log(p->rho) / p->theta : 0; /* where the exponent is top */
	double x = dawn(p, turn), sum = 0, late = 0;
	while (x < to) {
		double slope = p->lambda * real_exp(-p->theta * x) - p->n * p->mu;
		double rate = (slope < 0 ? -slope : slope) + p->theta;
		double step = 1 / (rate + real_sqrt(p->lambda * p->theta));
		bool last = x + step >= to;
		double half = (last ? to - x : step) / 2, middle = x + half;
		double part = 0, late_part = 0;
		for (int i = 0; i < 4; i++) {
			double d = half * gauss[i][0], w = half * gauss[i][1];
			double left = reach(p, middle - d), right = reach(p, middle + d);
			part += w * (left + right);
			late_part += w * ((middle - d) * left + (middle + d) * right);
		}
		sum += part;
		late += late_part;
		x = last ? to : x + step;
		if (x > turn && late_part <= 1e-17 * late && part <= 1e-17 * sum)
			break;
	}
	*count = sum;
	*wait = late;
}

static void impatient(const struct erlang_load *l, uint32_t agents, struct erlang_figures *f)
{
	struct palm p = {.lambda = l->calls / l->per_s,
			 .mu = 1 / l->aht_s,
			 .theta = 1 / l->patience_s,
			 .n = agents};
	p.rho = f->offered_erl / p.n;
	if (p.rho > 1)
		p.top = exponent(&p, real_log(p.rho) / p.theta);
	p.b = erlang_b(agents - 1, f->offered_erl);
	double queue, in_time, all, unused, late;
	double a = palm_series(&p, &queue), none = real_exp(-p.top);
	double whole = none + p.b * p.rho * a; /* both scaled by e^-top */
	served(&p, l->threshold_s, &in_time, &unused);
	served(&p, INFINITY, &all, &late);
	f->stable = true;
	f->p_wait = p.b * p.rho * a / whole;
	f->p_abandon = f->p_wait * queue * p.theta / p.lambda;
	f->wait_s = f->p_abandon * l->patience_s;
	f->sl = (none + p.b * in_time) / whole;
	f->asa_s = p.b * late / (none + p.b * all);
	f->occupancy = p.rho * (1 - f->p_abandon);
}

/* -- */

static bool within(double x, double low, double high) /* false for NaN */
{
	return x >= low && x <= high;
}

enum err erlang_figures(const struct erlang_load *l, uint32_t agents, struct erlang_figures *out)
{
	struct erlang_figures f = {0};
	if (!within(l->calls, 1e-9, 1e9) || !within(l->per_s, 1e-3, 1e9) ||
	    !within(l->aht_s, 1e-3, 1e7) || !within(l->threshold_s, 0, 1e7) ||
	    !(l->patience_s == 0 || within(l->patience_s, 1e-3, 1e7)) || agents < 1 ||
	    agents > ERLANG_AGENTS_MAX)
		return ERR_INVALID;
	if (l->calls / l->per_s * l->patience_s > CROWD_MAX)
		return ERR_INVALID;
	f.offered_erl = l->calls * l->aht_s / l->per_s;
	if (l->patience_s > 0)
		impatient(l, agents, &f);
	else
		patient(l, agents, &f);
	*out = f;
	return ERR_OK;
}

enum err erlang_staff(const struct erlang_load *l, double target, uint32_t *agents)
{
	struct erlang_figures f;
	uint32_t low = 0, high = 1; /* low is too few, high is enough */
	if (!within(target, 1e-9, 1 - 1e-9))
		return ERR_INVALID;
	for (;;) {
		enum err e = erlang_figures(l, high, &f);
		if (e != ERR_OK)
			return e;
		if (f.stable && f.sl >= target)
			break;
		if (high == ERLANG_AGENTS_MAX)
			return ERR_NOT_FOUND;
		low = high;
		high = MIN(high * 2, ERLANG_AGENTS_MAX);
	}
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		enum err e = erlang_figures(l, middle, &f);
		if (e != ERR_OK)
			return e;
		if (f.stable && f.sl >= target)
			high = middle;
		else
			low = middle;
	}
	*agents = high;
	return ERR_OK;
}
