// SPDX-License-Identifier: Apache-2.0
import type { PortMapping } from './container-options.ts';

export interface NetworkRequest {
  /** Of the container or pod. */
  readonly containerId: string;
  readonly netnsPath: string;
  /** Name of the network; the default one when left out. */
  readonly network?: string;
  /** Default `eth0`. */
  readonly ifName?: string;
  readonly portMappings?: readonly PortMapping[];
  /** CNI_ARGS. */
  readonly args?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What an attachment gave; plain JSON, kept in the record so that it can be undone. */
export interface NetworkAttachment {
  readonly network: string;
  readonly ifName: string;
  readonly mac?: string;
  /** In CIDR form, such as `10.86.0.2/16`. */
  readonly ips: readonly { readonly address: string; readonly gateway?: string }[];
  readonly dns?: {
    readonly nameservers: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
  readonly portMappings: readonly PortMapping[];
  readonly args?: Readonly<Record<string, string>>;
}

/** An attachment of a container or pod that there is. */
export interface AttachmentInUse {
  readonly containerId: string;
  readonly network: string;
  readonly ifName: string;
}

/** A seam: connects network namespaces. `cniNetwork` makes one of a CNI configuration. */
export interface Network {
  /** A failure leaves nothing behind. */
  attach(request: NetworkRequest): Promise<NetworkAttachment>;
  /** Idempotent; works when the namespace is gone. */
  detach(request: {
    readonly containerId: string;
    readonly netnsPath?: string;
    readonly attachment: NetworkAttachment;
    readonly signal?: AbortSignal;
  }): Promise<void>;
  /**
   * Has the default network free what belongs to none of these: addresses of attachments that nobody knows of any more.
   * They are asked for when what is noted has been listed.
   */
  collectGarbage?(
    inUse: () => Promise<readonly AttachmentInUse[]>,
    options: { readonly signal: AbortSignal },
  ): Promise<void>;
  /** Resolves when pods can be connected. @throws FailedPrecondition saying what is missing */
  status(): Promise<void>;
  /** Names of the networks, the default one first. */
  list(): Promise<readonly string[]>;
}
