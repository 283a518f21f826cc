// SPDX-License-Identifier: Apache-2.0
import { createFetchTransport, createUndiciTransport } from '@lading/registry-client';
import { transportConformance } from '@lading/registry-client/conformance';

transportConformance('undici', () => createUndiciTransport());
transportConformance('fetch of Node', () => createFetchTransport());
