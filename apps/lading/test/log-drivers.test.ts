// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, self, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A journal that prints what comes, where the machine has its own. */
const journal = `
import os, re, socket
os.makedirs('/run/systemd/journal')
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind('/run/systemd/journal/socket')
# NAME=VALUE, or NAME and the length before the value.
field = re.compile(rb'(?:^|\\n)(MESSAGE|PRIORITY|CONTAINER_NAME|CONTAINER_TAG)(?:=|\\n.{8})([^\\n]*)', re.S)
while True:
    found = sorted(field.findall(one.recv(100000)))
    print(' '.join((name + b'=' + value).decode() for name, value in found), flush=True)
`;

/** In a mount namespace with a /run of its own, so that nobody else is told. */
const script = `
mount -t tmpfs tmpfs /run
python3 -c "$1" > "$2" & listener=$!
shift 2
until [ -S /run/systemd/journal/socket ]; do sleep 0.05; done
"$@"; code=$?
kill $listener
exit $code
`;

it('--log-driver journald writes to the journal, with a name and a tag', async () => {
  const heard = `${world.dir}/heard`;
  const words = [
    ...'run --rm --name logged --network none --tls-verify=false -q'.split(' '),
    ...'--log-driver journald --log-opt tag=mine'.split(' '),
    ...[world.image, 'sh', '-c', 'echo out; echo err >&2'],
  ];
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', journal, heard, ...self, ...words],
    { env: { ...process.env, ...world.env } },
  );
  expect(stdout).toBe('out\n');
  const { stdout: lines } = await promisify(execFile)('cat', [heard]);
  expect(lines.split('\n')).toEqual(
    expect.arrayContaining([
      'CONTAINER_NAME=logged CONTAINER_TAG=mine MESSAGE=out PRIORITY=6',
      'CONTAINER_NAME=logged CONTAINER_TAG=mine MESSAGE=err PRIORITY=3',
    ]),
  );
});
