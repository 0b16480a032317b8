/* expected.c - see expected.h. */
#include "report/expected.h"

#define TOWARDS_ONE 10.0 /* visits */

double expected_visits(const struct expected_week weeks[EXPECTED_WEEKS], int64_t recent)
{
	double next = 0, past = 0, n = 0;
	for (uint32_t i = 0; i < EXPECTED_WEEKS; i++) {
		if (!weeks[i].known)
			continue;
		next += (double)weeks[i].next;
		past += (double)weeks[i].recent;
		n++;
	}
	if (n == 0)
		return recent ? (double)recent * EXPECTED_NEXT_MS / EXPECTED_RECENT_MS : -1;
	const double goes = ((double)recent + TOWARDS_ONE) / (past / n + TOWARDS_ONE);
	return next / n * MIN(MAX(goes, 0.5), 2.0);
}
