import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import { after, test } from 'node:test';
import pg from 'pg';
import { EmbeddedPostgres, freePort } from '../embedded-postgres.ts';
import { temporaryDataDir } from '../storage.test-support.ts';
import { needsRedis, redisConfig, RedisServer } from '../tick-cache/redis.test-support.ts';
import { checkPostgres } from './check-postgres.ts';
import { checkRedis } from './check-redis.ts';

test('Redis: latency, version, and what it lacks', needsRedis, async () => {
  const server = await RedisServer.start(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']);
  after(() => server.stop());
  const report = await checkRedis(redisConfig([server.address]));
  assert.equal(report.failure, 'none', report.detail);
  assert.ok(report.latencyMs > 0);
  assert.match(report.versions.join(), /^Redis \d+\.\d+/);
  assert.deepEqual(report.lacks, ['eviction']);
  const cluster = await checkRedis(redisConfig([server.address], { cluster: true }));
  assert.deepEqual(cluster.lacks, ['clusterOff', 'eviction']);
  const tls = await checkRedis(redisConfig([server.address], { tls: true }), 500);
  assert.equal(tls.failure, 'tls', tls.detail);
  server.freeze();
  assert.equal((await checkRedis(redisConfig([server.address]), 300)).failure, 'timedOut');
});

test('Redis: a password that is missing or wrong is told apart', needsRedis, async () => {
  const server = await RedisServer.start(['--requirepass', 'right-one']);
  after(() => server.stop());
  const failureWith = async (password: string) =>
    (await checkRedis(redisConfig([server.address], { password }))).failure;
  assert.equal(await failureWith('right-one'), 'none');
  assert.equal(await failureWith('wrong-one'), 'wrongPassword');
  assert.equal(await failureWith(''), 'noPassword');
});

test('Redis: nobody listens, or something else does', async () => {
  assert.equal((await checkRedis(redisConfig([`127.0.0.1:${await freePort()}`]))).failure, 'refused');
  const web = http.createServer();
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  after(() => web.close());
  const report = await checkRedis(redisConfig([`127.0.0.1:${(web.address() as net.AddressInfo).port}`]));
  assert.equal(report.failure, 'otherServer', report.detail);
});

test('Postgres: latency, version, what it lacks, and each failure', async () => {
  const embedded = new EmbeddedPostgres(temporaryDataDir());
  const own = await embedded.start();
  after(() => embedded.stop());
  const report = await checkPostgres(async () => own);
  assert.equal(report.failure, 'none', report.detail);
  assert.ok(report.latencyMs > 0);
  assert.match(report.versions.join(), /^PostgreSQL \d+/);
  assert.deepEqual(report.lacks, ['timescale']);
  const failureOf = async (changes: Partial<typeof own>) =>
    (await checkPostgres(async () => ({ ...own, ...changes }))).failure;
  assert.equal(await failureOf({ password: 'wrong' }), 'wrongPassword');
  assert.equal(await failureOf({ database: 'none_such' }), 'unknownDatabase');
  assert.equal(await failureOf({ port: await freePort() }), 'refused');
  const url = `postgres://${own.user}:${own.password}@${own.host}:${own.port}/${own.database}`;
  assert.equal((await checkPostgres(async () => `${url}?ssl=true`)).failure, 'tls');
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`CREATE ROLE looker LOGIN PASSWORD 'looks'`);
  await admin.end();
  const looker = await checkPostgres(async () => ({ ...own, user: 'looker', password: 'looks' }));
  assert.deepEqual(looker.lacks, ['createTables', 'timescale'], looker.detail);
});

test('Postgres: a server that never answers, and an embedded one that never starts, end in time', async () => {
  const mute = net.createServer();
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  after(() => mute.close());
  const { port } = mute.address() as net.AddressInfo;
  const target = { host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd' };
  assert.equal((await checkPostgres(async () => target, 300)).failure, 'timedOut');
  assert.equal((await checkPostgres(() => new Promise(() => undefined), 300)).failure, 'timedOut');
});
