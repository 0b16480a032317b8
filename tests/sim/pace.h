/* pace.h - how long a decision takes at 1,000 waiting contacts and 500 agents (behaviours.md Q-1).
 */
#pragma once

int pace(void);
