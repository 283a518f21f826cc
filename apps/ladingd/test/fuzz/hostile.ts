// SPDX-License-Identifier: Apache-2.0
import type { ContainerConfig, Input, PodSandboxConfig } from '@lading/cri-api';
import fc from 'fast-check';

const tricks = [
  '',
  '.',
  '..',
  '/',
  '../canary/x',
  '../../canary/x',
  'a/../../canary/x',
  '..\\canary',
  'a\0b',
  '-rf',
  '--root=/',
  'a b',
  'a\nb: c',
  '$(touch canary)',
  'k8s_POD_a_b_c_0',
  'ü'.repeat(100),
  '%00',
  'a:b',
  '__proto__',
  'constructor',
] as const;

/** Text of which some is meant to do harm. What is absolute is not in it: paths of the host are the client's to choose. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...tricks) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z0-9]{1,12}$/) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(300)) },
);

export const int32: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 65_535, 65_536),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

export const int64: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 });
const map = (): fc.Arbitrary<Record<string, string>> => fc.dictionary(text, text, { maxKeys: 3 });
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });
const mode = fc.oneof(fc.constantFrom(0, 1, 2, 3), int32);
const idMaps = list(
  some({ hostId: fc.nat(2 ** 32 - 1), containerId: fc.nat(2 ** 32 - 1), length: fc.nat(2 ** 32 - 1) }),
);
const namespaceOptions = some({
  network: mode,
  pid: mode,
  ipc: mode,
  targetId: text,
  usernsOptions: some({ mode, uids: idMaps, gids: idMaps }),
});
const profile = some({ profileType: mode, localhostRef: text });

/** The name that most have is one that is good. */
const name = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9]{1,8}$/) },
  { weight: 1, arbitrary: text },
);

const anySandbox = some({
  metadata: some({ name, uid: name, namespace: name, attempt: fc.nat(2 ** 32 - 1) }),
  hostname: text,
  logDirectory: text,
  dnsConfig: some({ servers: list(text), searches: list(text), options: list(text) }),
  portMappings: list(some({ protocol: mode, containerPort: int32, hostPort: int32, hostIp: text })),
  labels: map(),
  annotations: map(),
  linux: some({
    securityContext: some({
      namespaceOptions,
      seccomp: profile,
      apparmor: profile,
      privileged: fc.boolean(),
    }),
    sysctls: map(),
  }),
});

/** Enums are numbers on the wire, of any size. */
export const sandboxConfig: fc.Arbitrary<Input<PodSandboxConfig>> = anySandbox.map(
  (config) => config as Input<PodSandboxConfig>,
);

/** @param paths of the host, which may be made */
export function containerConfig(paths: fc.Arbitrary<string>): fc.Arbitrary<Input<ContainerConfig>> {
  const mount = some({
    containerPath: text,
    hostPath: paths,
    readonly: fc.boolean(),
    propagation: mode,
    recursiveReadOnly: fc.boolean(),
    uidMappings: idMaps,
    gidMappings: idMaps,
    image: some({ image: text }),
    imageSubPath: text,
    mountOptions: list(text),
  });
  const resources = some({
    cpuPeriod: int64,
    cpuQuota: int64,
    cpuShares: int64,
    memoryLimitInBytes: int64,
    memorySwapLimitInBytes: int64,
    oomScoreAdj: int64,
    cpusetCpus: text,
    cpusetMems: text,
    hugepageLimits: list(some({ pageSize: text, limit: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) })),
    unified: map(),
  });
  const securityContext = some({
    capabilities: some({
      addCapabilities: list(text),
      dropCapabilities: list(text),
      addAmbientCapabilities: list(text),
    }),
    privileged: fc.boolean(),
    namespaceOptions,
    runAsUser: some({ value: int64 }),
    runAsGroup: some({ value: int64 }),
    runAsUsername: text,
    supplementalGroups: list(int64),
    supplementalGroupsPolicy: mode,
    seccomp: profile,
    apparmor: profile,
    maskedPaths: list(text),
    readonlyPaths: list(text),
  });
  return some({
    metadata: some({ name, attempt: fc.nat(2 ** 32 - 1) }),
    image: some({ image: text, userSpecifiedImage: text }),
    command: list(text),
    args: list(text),
    workingDir: text,
    envs: list(some({ key: text, value: fc.uint8Array({ maxLength: 20 }) })),
    mounts: list(mount),
    devices: list(some({ containerPath: text, hostPath: text, permissions: text })),
    CDIDevices: list(some({ name: text })),
    labels: map(),
    annotations: map(),
    logPath: text,
    stdin: fc.boolean(),
    stdinOnce: fc.boolean(),
    tty: fc.boolean(),
    stopSignal: mode,
    linux: some({ resources, securityContext }),
  }).map((config) => config as Input<ContainerConfig>);
}
