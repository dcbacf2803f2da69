// SPDX-License-Identifier: Apache-2.0
// Security keys and passkeys: from the words of the API to those of the browser, and back.
import { api, type Offer } from './client'

export interface KeyAsked {
  challenge: string
  rp: string
  origin: string
  user: string
  login: string
  display: string
  known: string[]
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(raw, (c) => c.charCodeAt(0))
}
function text(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
const known = (ids: string[]) => ids.map((id) => ({ type: 'public-key' as const, id: bytes(id) }))

/** Keys belong to one address; elsewhere a browser would only say that it cannot. */
export const keysHere = (asked: { origin: string }) => typeof PublicKeyCredential !== 'undefined' && asked.origin === location.origin

/** Make a key; null when the browser gave none. */
export async function keyMake(asked: KeyAsked): Promise<{ client_data: string; authenticator_data: string } | null> {
  const made = await navigator.credentials
    .create({
      publicKey: {
        challenge: bytes(asked.challenge),
        rp: { id: asked.rp, name: 'shebao' },
        user: { id: bytes(asked.user), name: asked.login, displayName: asked.display },
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key' as const, alg })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        excludeCredentials: known(asked.known),
        attestation: 'none',
        timeout: 120_000,
      },
    })
    .catch(() => null)
  if (!(made instanceof PublicKeyCredential)) return null
  const answer = made.response as AuthenticatorAttestationResponse
  return { client_data: text(answer.clientDataJSON), authenticator_data: text(answer.getAuthenticatorData()) }
}

/** Ask for one of the keys of an offer; null when the browser gave none. */
export async function keyShow(offer: Offer): Promise<object | null> {
  const shown = await navigator.credentials
    .get({ publicKey: { challenge: bytes(offer.challenge), rpId: offer.rp, allowCredentials: known(offer.keys), userVerification: 'required', timeout: 120_000 } })
    .catch(() => null)
  if (!(shown instanceof PublicKeyCredential)) return null
  const answer = shown.response as AuthenticatorAssertionResponse
  return { kind: 'key', id: text(shown.rawId), client_data: text(answer.clientDataJSON), authenticator_data: text(answer.authenticatorData), signature: text(answer.signature) }
}

export const keyAsk = (key: string) => api.post<KeyAsked>('/security/keys', {}, key)
