/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/queue/queue.h"

#include <assert.h>
#include <math.h>

double queue_blocked(double load, int servers)
{
        double blocked = 1;

        assert(load >= 0 && load <= QUEUE_LOAD_MAX && servers >= 0 && servers <= QUEUE_SERVERS_MAX);
        if (load <= 0)
                return servers == 0 ? 1 : 0;
        /* One server more at a time: numbers stay between 0 and 1, where powers and factorials would not. */
        for (int k = 1; k <= servers; k++)
                blocked = load * blocked / (k + load * blocked);
        return blocked;
}

double queue_waits(double load, int servers)
{
        double blocked = queue_blocked(load, servers);

        if (load <= 0)
                return 0;
        return servers <= load ? 1 : blocked * servers / (servers - load * (1 - blocked));
}

double queue_wait_mean(double load, int servers, double service)
{
        if (load <= 0)
                return 0;
        return servers <= load ? -1 : queue_waits(load, servers) * service / (servers - load);
}

double queue_within(double load, int servers, double service, double limit)
{
        if (load <= 0)
                return 1;
        if (servers <= load || service <= 0)
                return servers <= load ? 0 : 1;
        return 1 - queue_waits(load, servers) * exp(-(servers - load) * limit / service);
}

int queue_servers(double load, double service, double limit, double share)
{
        if (load <= 0)
                return 0;
        if (load > QUEUE_LOAD_MAX || !(share < 1))
                return -1;
        for (int c = (int)load + 1; c <= QUEUE_SERVERS_MAX; c++)
                if (queue_within(load, c, service, limit) >= share)
                        return c;
        return -1;
}
