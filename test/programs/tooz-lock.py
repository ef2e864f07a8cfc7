"""Locks of tooz's driver for etcd. Arguments: the client ports of two members."""

import sys

from tooz import coordination

first, second = (
    coordination.get_coordinator(f"etcd://127.0.0.1:{port}", name)
    for port, name in zip(sys.argv[1:3], (b"host-1", b"host-2"))
)
first.start()
second.start()
one, other = first.get_lock(b"door"), second.get_lock(b"door")
assert one.acquire()
assert not other.acquire(blocking=False), "two hold one lock"
first.heartbeat()
assert one.release()
assert other.acquire(blocking=True)
assert other.release()
first.stop()
second.stop()
