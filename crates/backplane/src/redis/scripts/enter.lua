-- KEYS: what replicas say of themselves, the replica's rooms. ARGV: replica, room
redis.call('HSETNX', KEYS[1], ARGV[1], '')
return redis.call('SADD', KEYS[2], ARGV[2])
