/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting lines (排队): how many servers a line needs so that people do not wait long. Arrivals at random (Poisson), service times
 * exponential, one line for all servers, nobody goes away: the system M/M/c and the formulas of A. K. Erlang, "Løsning af nogle
 * Problemer fra Sandsynlighedsregningen af Betydning for de automatiske Telefoncentraler", Elektroteknikeren 13, 1917; the recursion and
 * the waiting times as in R. B. Cooper, Introduction to Queueing Theory, 2nd ed. 1981, chapter 3. Pure; knows no halls.
 */
#ifndef ENGINE_QUEUE_QUEUE_H
#define ENGINE_QUEUE_QUEUE_H

#include <stdbool.h>

/* Greatest offered load and number of servers that are computed. */
#define QUEUE_LOAD_MAX 5000.0
#define QUEUE_SERVERS_MAX 10000

/* Share of arrivals lost when nobody may wait (Erlang B). load: arrivals times mean service time, in erlangs, 0 to QUEUE_LOAD_MAX;
 * servers 0 to QUEUE_SERVERS_MAX. */
double queue_blocked(double load, int servers);
/* Share of arrivals that have to wait (Erlang C): 1 when the servers are not more than the load, for then the line grows. */
double queue_waits(double load, int servers);
/* Mean wait of all arrivals, in the unit of the service time; negative when the line grows. */
double queue_wait_mean(double load, int servers, double service);
/* Share of arrivals that wait no longer than limit; 0 when the line grows. */
double queue_within(double load, int servers, double service, double limit);
/* The least number of servers with which at least `share` (below 1) of the arrivals wait no longer than limit: 0 for no load, -1 when
 * the load is out of range. */
int queue_servers(double load, double service, double limit, double share);

#endif
