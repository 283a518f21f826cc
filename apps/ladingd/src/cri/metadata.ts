// SPDX-License-Identifier: Apache-2.0
import {
  type ContainerConfig,
  type IDMapping,
  type MountPropagation,
  NamespaceMode,
  type PodSandboxConfig,
} from '@lading/cri-api';
import type { ContainerRecord, PodRecord } from '@lading/engine';

/**
 * What CRI wants back of a pod that the engine itself has no use for. It is kept in the engine's record, so that
 * the daemon can be killed at any instant.
 */
export interface PodMetadata {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly namespace: string;
    readonly attempt: number;
  };
  readonly logDirectory: string;
  readonly namespaces: {
    readonly network: NamespaceMode;
    readonly pid: NamespaceMode;
    readonly ipc: NamespaceMode;
  };
  readonly runtimeHandler: string;
  /** What RunPodSandbox said, or UpdatePodSandboxResources last. */
  readonly limits?: PodLimits;
}

/** Limits of a sandbox's control group, which the kubelet sets itself, and tells. Large numbers are strings. */
export interface PodLimits {
  readonly overhead?: unknown;
  readonly resources?: unknown;
}

/** The same of a container. */
export interface ContainerMetadata {
  readonly metadata: { readonly name: string; readonly attempt: number };
  /** The image as the request named it. */
  readonly image: string;
  readonly userSpecifiedImage: string;
  readonly mounts: readonly {
    readonly containerPath: string;
    readonly hostPath: string;
    readonly readonly: boolean;
    readonly propagation: MountPropagation;
    readonly recursiveReadOnly: boolean;
    readonly imageSubPath: string;
    readonly selinuxRelabel?: boolean;
    readonly mountOptions?: readonly string[];
    readonly uidMappings?: readonly IDMapping[];
    readonly gidMappings?: readonly IDMapping[];
    /** The image whose files are mounted, as the request named it. */
    readonly image?: string;
  }[];
  readonly logPath: string;
}

const key = 'cri';

export function podMetadata(
  config: PodSandboxConfig,
  runtimeHandler: string,
): Readonly<Record<string, unknown>> {
  const { name = '', uid = '', namespace = '', attempt = 0 } = config.metadata ?? {};
  const options = config.linux?.securityContext?.namespaceOptions;
  const kept: PodMetadata = {
    metadata: { name, uid, namespace, attempt },
    logDirectory: config.logDirectory,
    namespaces: {
      network: options?.network ?? NamespaceMode.POD,
      pid: options?.pid ?? NamespaceMode.CONTAINER,
      ipc: options?.ipc ?? NamespaceMode.POD,
    },
    runtimeHandler,
  };
  const { overhead, resources } = config.linux ?? {};
  if (overhead === undefined && resources === undefined) return { [key]: kept };
  return withLimits(kept, { overhead, resources });
}

export function containerMetadata(
  config: ContainerConfig,
  logPath: string,
): Readonly<Record<string, unknown>> {
  const { name = '', attempt = 0 } = config.metadata ?? {};
  const kept: ContainerMetadata = {
    metadata: { name, attempt },
    image: config.image?.image ?? '',
    userSpecifiedImage: config.image?.userSpecifiedImage ?? '',
    mounts: config.mounts.map((mount) => {
      const { containerPath, hostPath, readonly, propagation, recursiveReadOnly, imageSubPath, image } =
        mount;
      const { uidMappings, gidMappings, selinuxRelabel, mountOptions } = mount;
      const ids = uidMappings.length > 0 ? { uidMappings, gidMappings } : {};
      const kept = {
        containerPath,
        hostPath,
        readonly,
        propagation,
        recursiveReadOnly,
        imageSubPath,
        ...(selinuxRelabel && { selinuxRelabel }),
        ...(mountOptions.length > 0 && { mountOptions }),
        ...ids,
      };
      return image === undefined ? kept : { ...kept, readonly: true, image: image.image };
    }),
    logPath,
  };
  return { [key]: kept };
}

/** Undefined for a pod that was not made through CRI; such pods are not the kubelet's to see. */
export function podMetadataOf(record: PodRecord): PodMetadata | undefined {
  return record.options.metadata?.[key] as PodMetadata | undefined;
}

/** Undefined for a container that was not made through CRI, such as one of `lading run`. */
export function containerMetadataOf(record: ContainerRecord): ContainerMetadata | undefined {
  return record.options.metadata?.[key] as ContainerMetadata | undefined;
}

/** What is kept of a pod, with other limits. */
export function withLimits(kept: PodMetadata, limits: PodLimits): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(limits, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return { [key]: { ...kept, limits: JSON.parse(text) } };
}

const requestKey = 'request';

/** Options that tell by which request a pod or container was made. */
export function withRequest<T extends { readonly metadata?: Readonly<Record<string, unknown>> }>(
  options: T,
  digest: string,
): T {
  return { ...options, metadata: { ...options.metadata, [requestKey]: digest } };
}

/** The digest of the request by which it was made. */
export function requestOf({ options }: PodRecord | ContainerRecord): string | undefined {
  const digest = options.metadata?.[requestKey];
  return typeof digest === 'string' ? digest : undefined;
}
