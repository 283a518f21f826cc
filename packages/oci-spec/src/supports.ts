// SPDX-License-Identifier: Apache-2.0
import type { Features } from './features.ts';
import type { LinuxNamespaceType } from './linux.ts';
import type { SeccompAction, SeccompArch, SeccompFlag } from './seccomp-words.ts';

/** Something that a runtime may be able to do; of each kind at most one, and all that are named must hold. */
export interface FeatureQuery {
  /** Version of a spec: 1.2.0 is within 1.0.0 and 1.3.0+dev. */
  readonly ociVersion?: string | undefined;
  readonly hook?: string | undefined;
  /** Of mounts: `rro`, `idmap`. */
  readonly mountOption?: string | undefined;
  readonly namespace?: LinuxNamespaceType | undefined;
  readonly capability?: string | undefined;
  readonly cgroup?: 'v1' | 'v2' | 'systemd' | 'systemdUser' | 'rdma' | undefined;
  readonly seccomp?: true | SeccompAction | SeccompArch | SeccompFlag | undefined;
  readonly linux?:
    | 'apparmor'
    | 'selinux'
    | 'intelRdt'
    | 'idmapMounts'
    | 'netDevices'
    | 'memoryPolicy'
    | undefined;
}

/**
 * Whether a runtime can do something: true, false, or `undefined` where its features do not say, as runtimes
 * leave out what was not yet specified when they were made. Says nothing of the kernel.
 *
 * @example
 * ```ts
 * import { parseFeatures, supports } from '@lading/oci-spec';
 *
 * const features = parseFeatures(
 *   '{"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0","mountOptions":["ro","rro"],"linux":{"cgroup":{"v2":true}}}',
 * );
 * console.log(supports(features, { cgroup: 'v2', mountOption: 'rro' })); // → true
 * console.log(supports(features, { linux: 'idmapMounts' })); // → undefined
 * console.log(supports(features, { ociVersion: '2.0.0' })); // → false
 * ```
 */
export function supports(features: Features, query: FeatureQuery): boolean | undefined {
  const { linux = {} } = features;
  const answers: (boolean | undefined)[] = [];
  if (query.ociVersion !== undefined) answers.push(isWithin(query.ociVersion, features));
  if (query.hook !== undefined) answers.push(features.hooks?.includes(query.hook));
  if (query.mountOption !== undefined) answers.push(features.mountOptions?.includes(query.mountOption));
  if (query.namespace !== undefined) answers.push(linux.namespaces?.includes(query.namespace));
  if (query.capability !== undefined) answers.push(linux.capabilities?.includes(query.capability));
  if (query.cgroup !== undefined) answers.push(linux.cgroup?.[query.cgroup]);
  if (query.seccomp !== undefined) answers.push(seccompTakes(linux.seccomp, query.seccomp));
  if (query.linux === 'idmapMounts') answers.push(linux.mountExtensions?.idmap?.enabled);
  else if (query.linux === 'memoryPolicy') {
    answers.push(linux.memoryPolicy?.modes === undefined ? undefined : linux.memoryPolicy.modes.length > 0);
  } else if (query.linux !== undefined) answers.push(linux[query.linux]?.enabled);
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

function seccompTakes(
  seccomp: NonNullable<Features['linux']>['seccomp'],
  word: NonNullable<FeatureQuery['seccomp']>,
): boolean | undefined {
  if (seccomp?.enabled !== true || word === true) return seccomp?.enabled;
  if (word.startsWith('SCMP_ACT_')) return seccomp.actions?.includes(word);
  if (word.startsWith('SCMP_ARCH_')) return seccomp.archs?.includes(word);
  return seccomp.supportedFlags?.includes(word);
}

/** By numbers alone: a version under work takes the specs of its release. */
function isWithin(version: string, { ociVersionMin, ociVersionMax }: Features): boolean {
  return compare(ociVersionMin, version) <= 0 && compare(version, ociVersionMax) <= 0;
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[-+]/, 1)[0]?.split('.').map(Number) ?? []);
  for (const i of [0, 1, 2]) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
