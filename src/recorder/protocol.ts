/** What of Chromium's DevTools protocol the recorder reads and says (CDP 1.3, domains Network, Fetch, Target). */
import type { CDPSession } from 'playwright';

export interface ProtocolRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  hasPostData?: boolean;
  postDataEntries?: { bytes?: string }[];
}

export interface ProtocolResponse {
  status: number;
  statusText: string;
  headers: Record<string, string>;
  protocol?: string;
  encodedDataLength?: number;
  fromDiskCache?: boolean;
  fromServiceWorker?: boolean;
  fromPrefetchCache?: boolean;
  securityDetails?: { protocol: string; cipher: string; subjectName: string; issuer: string };
}

interface RequestWillBeSent {
  requestId: string;
  loaderId: string;
  documentURL: string;
  request: ProtocolRequest;
  /** Seconds since 1970. */
  wallTime: number;
  redirectResponse?: ProtocolResponse;
  redirectHasExtraInfo: boolean;
  type?: string;
  frameId?: string;
}

export interface RequestPaused {
  requestId: string;
  request: ProtocolRequest;
  frameId: string;
  resourceType: string;
  responseErrorReason?: string;
  responseStatusCode?: number;
  responseStatusText?: string;
  responseHeaders?: { name: string; value: string }[];
  networkId?: string;
}

export interface TargetInfo {
  targetId: string;
  type: string;
  url: string;
  browserContextId?: string;
}

/** The events that are listened to, by name. */
export interface ProtocolEvents {
  'Network.requestWillBeSent': RequestWillBeSent;
  'Network.requestWillBeSentExtraInfo': { requestId: string; headers: Record<string, string> };
  'Network.responseReceivedExtraInfo': {
    requestId: string;
    headers: Record<string, string>;
    /** As received; HTTP/1 only. */
    headersText?: string;
    statusCode: number;
  };
  'Network.responseReceived': {
    requestId: string;
    type: string;
    response: ProtocolResponse;
    hasExtraInfo: boolean;
  };
  'Network.requestServedFromCache': { requestId: string };
  'Network.dataReceived': { requestId: string; dataLength: number; data?: string };
  'Network.loadingFinished': { requestId: string; encodedDataLength: number };
  'Network.loadingFailed': {
    requestId: string;
    errorText: string;
    canceled?: boolean;
    blockedReason?: string;
    corsErrorStatus?: { corsError: string };
  };
  'Network.webSocketCreated': { requestId: string; url: string };
  'Network.webSocketWillSendHandshakeRequest': {
    requestId: string;
    wallTime: number;
    request: { headers: Record<string, string> };
  };
  'Network.webSocketHandshakeResponseReceived': {
    requestId: string;
    response: {
      status: number;
      statusText: string;
      headers: Record<string, string>;
      headersText?: string;
      requestHeaders?: Record<string, string>;
    };
  };
  'Network.webSocketFrameSent': { requestId: string; response: WebSocketFrame };
  'Network.webSocketFrameReceived': { requestId: string; response: WebSocketFrame };
  'Network.webSocketFrameError': { requestId: string; errorMessage: string };
  'Network.webSocketClosed': { requestId: string };
  'Page.frameNavigated': {
    frame: { id: string; parentId?: string; loaderId: string; url: string };
  };
  'Page.frameDetached': { frameId: string; reason: string };
  'Target.attachedToTarget': { sessionId: string; targetInfo: TargetInfo };
  'Target.detachedFromTarget': { sessionId: string };
  'Target.receivedMessageFromTarget': { sessionId: string; message: string };
  'Target.targetCreated': { targetInfo: TargetInfo };
  'Fetch.requestPaused': RequestPaused;
}

/** `payloadData` is text for opcode 1 and Base64 for the others. */
export interface WebSocketFrame {
  opcode: number;
  payloadData: string;
}

export type Listeners = {
  [Name in keyof ProtocolEvents]?: (event: ProtocolEvents[Name]) => void;
};

export interface ProtocolSession {
  send(method: string, params?: object): Promise<unknown>;
  listen(listeners: Listeners): void;
}

export function sessionOf(session: CDPSession): ProtocolSession {
  return {
    send: (method, params) => session.send(method as 'Network.enable', params as never),
    listen(listeners) {
      for (const [name, listener] of Object.entries(listeners))
        session.on(name as 'Network.loadingFinished', listener as never);
    },
  };
}
