// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRuntimeClient } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { giveAddress, networkOfPlugin } from '../network-of-plugin.ts';
import { until } from '../until.ts';
import { createWorld, type Served, type World } from '../world.ts';
import { leadOtherPod, watchSettled } from './other-pod.ts';

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve(...(await scriptedNetwork()));
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(async () => {
  await behave({});
  for (const { id } of (await daemon.runtime.listPodSandbox({})).items)
    await daemon.runtime.removePodSandbox({ podSandboxId: id });
  expect(world.leftovers()).toEqual([]);
});

/** A network whose plugin does at each command what a file says. */
async function scriptedNetwork(): Promise<readonly string[]> {
  const flags = await networkOfPlugin(
    world,
    `echo $CNI_COMMAND >>${world.root}/asked\n. ${world.root}/do-$CNI_COMMAND`,
  );
  await behave({});
  return flags;
}

async function behave({
  ADD = giveAddress,
  DEL = '',
  VERSION = 'echo {}',
}: Record<string, string>): Promise<void> {
  for (const [command, script] of Object.entries({ ADD, DEL, VERSION }))
    await writeFile(join(world.root, `do-${command}`), script);
  await rm(join(world.root, 'asked'), { force: true });
}

/** At which it waits, for the gate. */
const wait = (): string => `echo >${world.root}/waits; until [ -e ${world.root}/gate ]; do sleep 0.02; done`;

async function openGate(): Promise<void> {
  await writeFile(join(world.root, 'gate'), '');
}

async function closeGate(): Promise<void> {
  for (const name of ['gate', 'waits']) await rm(join(world.root, name), { force: true });
}

describe('a CNI plugin', () => {
  const cases: [string, string, string, string, string][] = [
    [
      'says that it is out of addresses',
      `echo '{"cniVersion":"0.4.0","code":11,"msg":"no addresses left"}'; exit 1`,
      'unavailable',
      'CNI_11',
      'CNI plugin scripted failed at ADD for the network scripted: no addresses left',
    ],
    ['dies', 'kill -SEGV $$', 'internal', 'CNI_999', 'ended with SIGSEGV'],
    ['prints rubbish', 'echo "<html>"; exit 0', 'internal', 'CNI_999', 'printed what is no JSON: <html>'],
    [
      'prints nothing',
      'exit 0',
      'internal',
      'CNI_RESULT',
      'the plugins of the network scripted gave no result',
    ],
    [
      'gives an address that is none',
      `echo '{"ips":[{"address":"10.86.7.7/24 evil"}]}'`,
      'internal',
      'CNI_RESULT',
      'gave an address that is not in CIDR form',
    ],
    ['gives no address', `echo '{"ips":[]}'`, 'unavailable', 'NO_ADDRESS', 'gave the sandbox no address'],
    ['prints without end', 'exec yes', 'resource_exhausted', 'CNI_OUTPUT', 'printed more than 4 MiB'],
  ];
  it.each(cases)(
    'that %s fails the sandbox, which is taken back',
    async (_what, script, code, reason, words) => {
      await behave({ ADD: script });
      const config = world.pod('bad');
      await expect(daemon.runtime.runPodSandbox({ config })).rejects.toMatchObject({
        code,
        reason,
        message: expect.stringContaining(words),
      });
      expect(await readFile(join(world.root, 'asked'), 'utf8')).toMatch(/^ADD\nDEL\n/);
      expect((await daemon.runtime.listPodSandbox({})).items).toEqual([]);
      expect(world.leftovers()).toEqual([]);
      await behave({});
      const { podSandboxId } = await daemon.runtime.runPodSandbox({ config });
      const { status } = await daemon.runtime.podSandboxStatus({ podSandboxId });
      expect(status?.network?.ip).toBe('10.86.7.7');
    },
  );

  it('that hangs as it connects holds up its sandbox alone', async () => {
    await closeGate();
    await behave({ ADD: `${wait()}; ${giveAddress}` });
    const config = world.pod('slow');
    using client = createRuntimeClient(daemon.socket, { timeoutMs: 700 });
    await expect(client.runPodSandbox({ config })).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await until(() => existsSync(join(world.root, 'waits')));
    const again = daemon.runtime.runPodSandbox({ config });
    const isOver = watchSettled(again);
    await leadOtherPod(daemon, world, 'other');
    expect(isOver()).toBe(false);
    await openGate();
    const { podSandboxId } = await again;
    expect((await daemon.runtime.podSandboxStatus({ podSandboxId })).status?.network?.ip).toBe('10.86.7.7');
  });

  it('that hangs or fails as it disconnects holds up its sandbox alone, which can be stopped later', async () => {
    await closeGate();
    const { runtime } = daemon;
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('clings') });
    await behave({ DEL: `echo '{"code":11,"msg":"not now"}'; exit 1` });
    await expect(runtime.stopPodSandbox({ podSandboxId })).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'CNI_11',
    });
    await behave({ DEL: wait() });
    const stopping = runtime.stopPodSandbox({ podSandboxId });
    const isOver = watchSettled(stopping);
    await until(() => existsSync(join(world.root, 'waits')));
    await leadOtherPod(daemon, world, 'other');
    expect((await runtime.listPodSandbox({})).items).toMatchObject([{ id: podSandboxId }]);
    expect(isOver()).toBe(false);
    await openGate();
    await stopping;
  });

  it('that hangs when it is asked whether it is ready leaves the node with a network that is not', async () => {
    await closeGate();
    await behave({ VERSION: wait() });
    const { status } = await daemon.runtime.status({});
    expect(status?.conditions).toMatchObject([
      { type: 'RuntimeReady', status: true },
      { type: 'NetworkReady', status: false, message: expect.stringContaining('was not done with VERSION') },
    ]);
    await openGate();
  });
});
