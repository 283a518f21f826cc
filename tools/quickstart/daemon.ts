// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import {
  ContainerState,
  createImageClient,
  createRuntimeClient,
  type Input,
  type PodSandboxConfig,
} from '@lading/cri-api';
import type { Journey } from './journey.ts';
import { startServer } from './programs.ts';

/** The same image in a pod, made by the daemon that a kubelet would talk to. */
export async function daemonChapter(journey: Journey, image: string): Promise<void> {
  const { transcript, env, root, networkDir, signal } = journey;
  transcript.chapter('A Kubernetes pod, through the CRI daemon');
  await using stack = new AsyncDisposableStack();
  const host = image.slice(0, image.indexOf('/'));
  const socket = join(root, 'ladingd.sock');
  const args = [
    '--listen',
    socket,
    '--root',
    join(root, 'root'),
    '--runroot',
    join(root, 'run'),
    '--cni-config-dir',
    networkDir,
    '--insecure-registry',
    host,
  ];
  await transcript.step(`ladingd --listen ${socket} …`, async () => {
    const daemon = stack.use(await startServer('ladingd', args, env));
    return daemon.line;
  });
  const runtime = stack.use(createRuntimeClient(socket, { timeoutMs: 60_000 }));
  const images = stack.use(createImageClient(socket, { timeoutMs: 60_000 }));

  await transcript.step('Version', async () => {
    const { runtimeName, runtimeVersion, runtimeApiVersion } = await runtime.version({}, { signal });
    return `${runtimeName} ${runtimeVersion}, CRI ${runtimeApiVersion}`;
  });
  await transcript.step('PullImage', async () => {
    const { imageRef } = await images.pullImage({ image: { image } }, { signal });
    return `image ${imageRef.slice(0, 12)}`;
  });

  const pod: Input<PodSandboxConfig> = {
    metadata: { name: 'harbour', uid: 'quickstart', namespace: 'default', attempt: 0 },
    hostname: 'harbour',
    logDirectory: join(root, 'pod-logs'),
    linux: {},
  };
  let podSandboxId = '';
  await transcript.step('RunPodSandbox', async () => {
    ({ podSandboxId } = await runtime.runPodSandbox({ config: pod }, { signal }));
    stack.defer(async () => {
      await runtime.removePodSandbox({ podSandboxId });
    });
    const { status } = await runtime.podSandboxStatus({ podSandboxId }, { signal });
    return `pod ${podSandboxId.slice(0, 12)} has the address ${status?.network?.ip}`;
  });
  let containerId = '';
  await transcript.step('CreateContainer', async () => {
    const config = {
      metadata: { name: 'crane' },
      image: { image },
      command: ['sh', '-c', 'trap "exit 0" TERM; echo unloading; sleep 1000 & wait'],
      logPath: 'crane.log',
      linux: {},
    };
    ({ containerId } = await runtime.createContainer(
      { podSandboxId, config, sandboxConfig: pod },
      { signal },
    ));
    return `container ${containerId.slice(0, 12)}`;
  });
  await transcript.step('StartContainer', async () => {
    await runtime.startContainer({ containerId }, { signal });
    return '';
  });
  await transcript.step('ExecSync hostname', async () => {
    const { stdout, exitCode } = await runtime.execSync(
      { containerId, cmd: ['hostname'], timeout: 10n },
      { signal },
    );
    return `${Buffer.from(stdout).toString().trim()} (exit code ${exitCode})`;
  });
  await transcript.step('ContainerStatus', async () => {
    const { status } = await runtime.containerStatus({ containerId }, { signal });
    const state = Object.entries(ContainerState).find(([, value]) => value === status?.state)?.[0];
    return `${status?.metadata?.name} is ${state}`;
  });
  await transcript.step('StopContainer, RemoveContainer', async () => {
    await runtime.stopContainer({ containerId, timeout: 10n }, { signal });
    await runtime.removeContainer({ containerId }, { signal });
    return '';
  });
  await transcript.step('StopPodSandbox, RemovePodSandbox', async () => {
    await runtime.stopPodSandbox({ podSandboxId }, { signal });
    await runtime.removePodSandbox({ podSandboxId }, { signal });
    const { items } = await runtime.listPodSandbox({}, { signal });
    return `${items.length} pods left`;
  });
}
