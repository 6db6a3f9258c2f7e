const PREFIX = 'shardId-';

/** How a shard is called outside: the prefix and twenty digits, which readers may count on. */
export function shardId(shard: number): string {
  return `${PREFIX}${String(shard).padStart(20, '0')}-local000`;
}

/** The number of a shard from its id. */
export function shardNumber(id: string): number {
  return Number.parseInt(id.slice(PREFIX.length), 10);
}
