// SPDX-License-Identifier: Apache-2.0
import type { ContainerMetadata, PodSandboxMetadata } from '@lading/cri-api';
import { Code, LadingError } from '@lading/errors';

/** Names as CRI-O and dockershim built them: unique on the node, and readable in `lading ps`. */
export function podName(metadata: PodSandboxMetadata | undefined): string {
  if (!metadata?.name || !metadata.namespace || !metadata.uid) {
    throw new LadingError(Code.InvalidArgument, 'config.metadata needs name, namespace and uid of the pod');
  }
  return joined('k8s_POD', [metadata.name, metadata.namespace, metadata.uid, metadata.attempt]);
}

export function containerName(container: ContainerMetadata | undefined, pod: PodSandboxMetadata): string {
  if (!container?.name)
    throw new LadingError(Code.InvalidArgument, 'config.metadata needs the name of the container');
  return joined('k8s', [container.name, pod.name, pod.namespace, pod.uid, container.attempt]);
}

function joined(prefix: string, parts: readonly (string | number)[]): string {
  return [prefix, ...parts].join('_').replaceAll(/[^\w.-]/g, '-');
}
