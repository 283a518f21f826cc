// SPDX-License-Identifier: Apache-2.0
import type { StreamMethod, UnaryMethod } from './method.ts';

/** Version of the interface: the present one, or the one that kubelets before 1.26 speak, with the same messages. */
export type ApiVersion = 'v1' | 'v1alpha2';

/** What v1 has and v1alpha2 had not, when it was given up. */
const newer: ReadonlySet<string> = new Set([
  'checkpointContainer',
  'checkpointPod',
  'restorePod',
  'getContainerEvents',
  'listMetricDescriptors',
  'listPodSandboxMetrics',
  'streamPodSandboxMetrics',
  'runtimeConfig',
  'updatePodSandboxResources',
  'streamPodSandboxes',
  'streamContainers',
  'streamContainerStats',
  'streamPodSandboxStats',
  'streamImages',
]);

/** The methods of a service as a version has them: 29 of both services with v1alpha2. */
export function methodsOf(methods: object, version: ApiVersion): object {
  if (version === 'v1') return methods;
  return Object.fromEntries(
    Object.entries(methods)
      .filter(([name]) => !newer.has(name))
      .map(([name, method]: [string, UnaryMethod<unknown, unknown> | StreamMethod<unknown, unknown>]) => [
        name,
        { ...method, path: method.path.replace('/runtime.v1.', `/runtime.${version}.`) },
      ]),
  );
}
