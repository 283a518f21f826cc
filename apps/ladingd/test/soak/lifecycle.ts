// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerState, type ContainerStatus, PodSandboxState } from '@lading/cri-api';
import { LadingError } from '@lading/errors';
import { until } from '../until.ts';
import type { World } from '../world.ts';
import { type DaemonKeeper, LostCall } from './daemon-keeper.ts';
import { isAlive, killProcess } from './processes.ts';

/** What is done to a container from outside. */
const harms = ['nothing', 'nothing', 'nothing', 'process', 'monitor', 'both'] as const;
type Harm = (typeof harms)[number];

/** What was done, for the figures. */
export interface Deeds {
  readonly kills: Record<Exclude<Harm, 'nothing'>, number>;
  given: number;
}

export interface LifecycleOptions {
  readonly world: World;
  readonly keeper: DaemonKeeper;
  readonly random: (below: number) => number;
  readonly deeds: Deeds;
}

/** One pod from its making to its removal, as a kubelet leads it: what got lost with a daemon is asked for again. */
export async function lifecycle(name: string, options: LifecycleOptions): Promise<void> {
  const { keeper, world, random, deeds } = options;
  const config = world.pod(name, { labels: { soak: name } });
  const givesUp = random(5) === 0;
  let podSandboxId: string;
  try {
    const run = givesUp ? keeper.once : keeper.ask;
    ({ podSandboxId } = await run('RunPodSandbox', ({ runtime }) => runtime.runPodSandbox({ config })));
  } catch (error) {
    if (!(error instanceof LostCall)) throw error;
    deeds.given += 1;
    return await removeAll(name, keeper);
  }
  const code = 1 + random(100);
  const endsItself = random(3) === 0;
  const script = endsItself
    ? `echo ${name}; sleep 0.${random(4)}; exit ${code}`
    : `echo ${name}; trap "exit ${code}" INT; while :; do sleep 0.05; done`;
  const container = {
    metadata: { name: 'main' },
    image: { image: world.image },
    command: ['sh', '-c', script],
    logPath: 'main.log',
  };
  let containerId: string;
  try {
    const create = givesUp ? keeper.once : keeper.ask;
    ({ containerId } = await create('CreateContainer', ({ runtime }) =>
      runtime.createContainer({ podSandboxId, config: container }),
    ));
  } catch (error) {
    if (!(error instanceof LostCall)) throw error;
    deeds.given += 1;
    return await removeAll(name, keeper);
  }
  await start(keeper, containerId);
  const harm = harms[random(harms.length)] ?? 'nothing';
  if (!endsItself && harm === 'nothing') await execEcho(keeper, containerId, name);
  const killed = await doHarm(options, containerId, harm);
  if (!endsItself && random(4) > 0)
    await keeper.ask('StopContainer', ({ runtime }) => runtime.stopContainer({ containerId, timeout: 10n }));
  if (endsItself || killed.includes('process') || random(2) === 0) {
    if (!endsItself)
      await keeper.ask('StopContainer', ({ runtime }) =>
        runtime.stopContainer({ containerId, timeout: 10n }),
      );
    await until(async () => (await truthOf(keeper, containerId)).state === ContainerState.CONTAINER_EXITED);
    checkEnd(await truthOf(keeper, containerId), { code, killed });
    if (killed.length === 0) {
      const log = readFileSync(join(world.root, 'logs', name, 'main.log'), 'utf8');
      if (!log.includes(` stdout F ${name}\n`))
        throw new Error(`the log of ${name} is ${JSON.stringify(log)}`);
    }
  }
  if (random(2) === 0)
    await keeper.ask('RemoveContainer', ({ runtime }) => runtime.removeContainer({ containerId }));
  if (random(2) === 0) {
    await keeper.ask('StopPodSandbox', ({ runtime }) => runtime.stopPodSandbox({ podSandboxId }));
    const { status } = await keeper.ask('PodSandboxStatus', ({ runtime }) =>
      runtime.podSandboxStatus({ podSandboxId }),
    );
    if (status?.state !== PodSandboxState.SANDBOX_NOTREADY) throw new Error('a stopped sandbox is ready');
  }
  await keeper.ask('RemovePodSandbox', ({ runtime }) => runtime.removePodSandbox({ podSandboxId }));
  const gone = keeper.ask('ContainerStatus', ({ runtime }) => runtime.containerStatus({ containerId }));
  const error = await gone.then(
    () => undefined,
    (failure: unknown) => LadingError.from(failure),
  );
  if (error?.code !== 'not_found') throw error ?? new Error(`container ${containerId} outlived its pod`);
}

/** A start that was lost may have happened: then the container runs, or has run. */
async function start(keeper: DaemonKeeper, containerId: string): Promise<void> {
  for (;;) {
    try {
      await keeper.once('StartContainer', ({ runtime }) => runtime.startContainer({ containerId }));
      return;
    } catch (error) {
      if (!(error instanceof LostCall)) throw error;
    }
    const { state } = await truthOf(keeper, containerId);
    if (state !== ContainerState.CONTAINER_CREATED) return;
  }
}

async function execEcho(keeper: DaemonKeeper, containerId: string, word: string): Promise<void> {
  const asking = keeper.ask('ExecSync', ({ runtime }) =>
    runtime.execSync({ containerId, cmd: ['sh', '-c', `sleep 0.1; echo ${word}; exit 3`] }),
  );
  const { stdout, exitCode } = await asking.catch(async (error: unknown) => {
    const { state, exitCode, message } = await truthOf(keeper, containerId);
    throw new Error(`exec failed; the state is ${state}, the code ${exitCode} ${message}`, { cause: error });
  });
  const said = Buffer.from(stdout).toString();
  if (said !== `${word}\n` || exitCode !== 3)
    throw new Error(`exec said "${said}" and ended with ${exitCode}`);
}

/** Kills what belongs to a container, and gives what of it was killed. */
async function doHarm(
  { world, deeds }: LifecycleOptions,
  containerId: string,
  harm: Harm,
): Promise<readonly ('process' | 'monitor')[]> {
  if (harm === 'nothing') return [];
  const { pid, monitorPid } = runOf(world, containerId);
  if (pid === 0) return []; // it has ended by itself
  deeds.kills[harm] += 1;
  if (harm !== 'process') killProcess(monitorPid);
  if (harm === 'monitor') return ['monitor'];
  killProcess(pid);
  await until(() => !isAlive(pid));
  return harm === 'both' ? ['monitor', 'process'] : ['process'];
}

function runOf(world: World, id: string): { readonly pid: number; readonly monitorPid: number } {
  try {
    return JSON.parse(readFileSync(join(world.root, 'run/lading/containers', `${id}.json`), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { pid: 0, monitorPid: 0 };
    throw error;
  }
}

/** The status, which is no lie: what runs has a process, and what has ended has none. */
async function truthOf(keeper: DaemonKeeper, containerId: string): Promise<ContainerStatus> {
  const ask = () =>
    keeper.ask('ContainerStatus', ({ runtime }) => runtime.containerStatus({ containerId, verbose: true }));
  const { status, info } = await ask();
  if (status === undefined) throw new Error('no status');
  if (status.state !== ContainerState.CONTAINER_RUNNING) return status;
  const { pid }: { pid: number } = JSON.parse(info.info ?? '');
  if (isAlive(pid)) return status;
  // Its end is told when its monitor has written how it ended.
  let later = status;
  await until(async () => {
    later = (await ask()).status ?? later;
    return later.state !== ContainerState.CONTAINER_RUNNING;
  });
  return later;
}

function checkEnd(
  { exitCode, reason, startedAt, finishedAt }: ContainerStatus,
  { code, killed }: { readonly code: number; readonly killed: readonly string[] },
): void {
  // What ends by itself may do so before it is killed; an end without a monitor is one that nobody saw.
  const allowed = [
    code,
    ...(killed.includes('process') ? [137] : []),
    ...(killed.includes('monitor') ? [255] : []),
  ];
  if (!allowed.includes(exitCode)) throw new Error(`exit code ${exitCode} is none of ${allowed.join(', ')}`);
  if (reason !== 'Error') throw new Error(`the reason of code ${exitCode} is "${reason}"`);
  const second = 1_000_000_000n; // the monitor writes whole seconds
  if (finishedAt < startedAt - second)
    throw new Error(`it ended ${startedAt - finishedAt} ns before it began`);
}

/** Takes away what a call that nobody repeats may have made. */
async function removeAll(name: string, keeper: DaemonKeeper): Promise<void> {
  const { items } = await keeper.ask('ListPodSandbox', ({ runtime }) =>
    runtime.listPodSandbox({ filter: { labelSelector: { soak: name } } }),
  );
  for (const { id: podSandboxId } of items)
    await keeper.ask('RemovePodSandbox', ({ runtime }) => runtime.removePodSandbox({ podSandboxId }));
}
