// Generated from peer.proto by "npm run generate". Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

export namespace peervault {
    namespace peer {
        interface ICallHeader extends peervault.peer.CallHeader.$Properties {
        }
        class CallHeader {
            constructor(properties?: peervault.peer.CallHeader.$Properties);
            $unknowns?: Uint8Array[];
            method: number;
            deadlineMs: number;
            request: Uint8Array;
            static encode(message: peervault.peer.CallHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.CallHeader & peervault.peer.CallHeader.$Shape;
        }

        namespace CallHeader {
            interface $Properties {
                method?: (number|null);
                deadlineMs?: (number|null);
                request?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.CallHeader.$Properties;
        }
        interface IFailure extends peervault.peer.Failure.$Properties {
        }
        class Failure {
            constructor(properties?: peervault.peer.Failure.$Properties);
            $unknowns?: Uint8Array[];
            code: number;
            op: string;
            subject: string;
            detail: string;
            next: string;
            static encode(message: peervault.peer.Failure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Failure & peervault.peer.Failure.$Shape;
        }

        namespace Failure {
            interface $Properties {
                code?: (number|null);
                op?: (string|null);
                subject?: (string|null);
                detail?: (string|null);
                next?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Failure.$Properties;
        }
        interface IGoodbye extends peervault.peer.Goodbye.$Properties {
        }
        class Goodbye {
            constructor(properties?: peervault.peer.Goodbye.$Properties);
            $unknowns?: Uint8Array[];
            reason: number;
            detail: string;
            static encode(message: peervault.peer.Goodbye.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Goodbye & peervault.peer.Goodbye.$Shape;
        }

        namespace Goodbye {
            interface $Properties {
                reason?: (number|null);
                detail?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Goodbye.$Properties;
        }
        interface IHandshakePayload extends peervault.peer.HandshakePayload.$Properties {
        }
        class HandshakePayload {
            constructor(properties?: peervault.peer.HandshakePayload.$Properties);
            $unknowns?: Uint8Array[];
            protocolMinor: number;
            agent: string;
            device: Uint8Array;
            dialled: string;
            static encode(message: peervault.peer.HandshakePayload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.HandshakePayload & peervault.peer.HandshakePayload.$Shape;
        }

        namespace HandshakePayload {
            interface $Properties {
                protocolMinor?: (number|null);
                agent?: (string|null);
                device?: (Uint8Array|null);
                dialled?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.HandshakePayload.$Properties;
        }
        interface ISubscribeRequest extends peervault.peer.SubscribeRequest.$Properties {
        }
        class SubscribeRequest {
            constructor(properties?: peervault.peer.SubscribeRequest.$Properties);
            $unknowns?: Uint8Array[];
            statementHeads: Uint8Array[];
            vector: peervault.peer.Position.$Properties[];
            more: boolean;
            takesBare: boolean;
            static encode(message: peervault.peer.SubscribeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.SubscribeRequest & peervault.peer.SubscribeRequest.$Shape;
        }

        namespace SubscribeRequest {
            interface $Properties {
                statementHeads?: (Uint8Array[]|null);
                vector?: (peervault.peer.Position.$Properties[]|null);
                more?: (boolean|null);
                takesBare?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.SubscribeRequest.$Properties;
        }
        interface IPosition extends peervault.peer.Position.$Properties {
        }
        class Position {
            constructor(properties?: peervault.peer.Position.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            incarnation: Uint8Array;
            sequence: number;
            hash: Uint8Array;
            static encode(message: peervault.peer.Position.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Position & peervault.peer.Position.$Shape;
        }

        namespace Position {
            interface $Properties {
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                hash?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Position.$Properties;
        }
        interface IUpdate extends peervault.peer.Update.$Properties {
        }
        class Update {
            constructor(properties?: peervault.peer.Update.$Properties);
            $unknowns?: Uint8Array[];
            statements?: (peervault.peer.Statements.$Properties|null);
            batch?: (peervault.peer.BatchHead.$Properties|null);
            holdings?: (peervault.peer.Holdings.$Properties|null);
            addresses?: (peervault.peer.Addresses.$Properties|null);
            current?: (peervault.peer.Current.$Properties|null);
            forks?: (peervault.peer.Forks.$Properties|null);
            diverged?: (peervault.peer.Diverged.$Properties|null);
            kind?: ("statements"|"batch"|"holdings"|"addresses"|"current"|"forks"|"diverged");
            static encode(message: peervault.peer.Update.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Update & peervault.peer.Update.$Shape;
        }

        namespace Update {
            interface $Properties {
                statements?: (peervault.peer.Statements.$Properties|null);
                batch?: (peervault.peer.BatchHead.$Properties|null);
                holdings?: (peervault.peer.Holdings.$Properties|null);
                addresses?: (peervault.peer.Addresses.$Properties|null);
                current?: (peervault.peer.Current.$Properties|null);
                forks?: (peervault.peer.Forks.$Properties|null);
                diverged?: (peervault.peer.Diverged.$Properties|null);
                kind?: ("statements"|"batch"|"holdings"|"addresses"|"current"|"forks"|"diverged");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              statements?: peervault.peer.Statements.$Shape|null;
              batch?: peervault.peer.BatchHead.$Shape|null;
              holdings?: peervault.peer.Holdings.$Shape|null;
              addresses?: peervault.peer.Addresses.$Shape|null;
              current?: peervault.peer.Current.$Shape|null;
              forks?: peervault.peer.Forks.$Shape|null;
              diverged?: peervault.peer.Diverged.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; statements?: null; batch?: null; holdings?: null; addresses?: null; current?: null; forks?: null; diverged?: null }|{ kind?: "statements"; statements: peervault.peer.Statements.$Shape; batch?: null; holdings?: null; addresses?: null; current?: null; forks?: null; diverged?: null }|{ kind?: "batch"; statements?: null; batch: peervault.peer.BatchHead.$Shape; holdings?: null; addresses?: null; current?: null; forks?: null; diverged?: null }|{ kind?: "holdings"; statements?: null; batch?: null; holdings: peervault.peer.Holdings.$Shape; addresses?: null; current?: null; forks?: null; diverged?: null }|{ kind?: "addresses"; statements?: null; batch?: null; holdings?: null; addresses: peervault.peer.Addresses.$Shape; current?: null; forks?: null; diverged?: null }|{ kind?: "current"; statements?: null; batch?: null; holdings?: null; addresses?: null; current: peervault.peer.Current.$Shape; forks?: null; diverged?: null }|{ kind?: "forks"; statements?: null; batch?: null; holdings?: null; addresses?: null; current?: null; forks: peervault.peer.Forks.$Shape; diverged?: null }|{ kind?: "diverged"; statements?: null; batch?: null; holdings?: null; addresses?: null; current?: null; forks?: null; diverged: peervault.peer.Diverged.$Shape })
            );
        }
        interface IStatements extends peervault.peer.Statements.$Properties {
        }
        class Statements {
            constructor(properties?: peervault.peer.Statements.$Properties);
            $unknowns?: Uint8Array[];
            signed: Uint8Array[];
            static encode(message: peervault.peer.Statements.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Statements & peervault.peer.Statements.$Shape;
        }

        namespace Statements {
            interface $Properties {
                signed?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Statements.$Properties;
        }
        interface IBatchHead extends peervault.peer.BatchHead.$Properties {
        }
        class BatchHead {
            constructor(properties?: peervault.peer.BatchHead.$Properties);
            $unknowns?: Uint8Array[];
            smallLengths: number[];
            batchLength: number;
            static encode(message: peervault.peer.BatchHead.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.BatchHead & peervault.peer.BatchHead.$Shape;
        }

        namespace BatchHead {
            interface $Properties {
                smallLengths?: (number[]|null);
                batchLength?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.BatchHead.$Properties;
        }
        interface IHoldings extends peervault.peer.Holdings.$Properties {
        }
        class Holdings {
            constructor(properties?: peervault.peer.Holdings.$Properties);
            $unknowns?: Uint8Array[];
            applied: peervault.peer.Position.$Properties[];
            complete: peervault.peer.Position.$Properties[];
            freeBytes: number;
            static encode(message: peervault.peer.Holdings.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Holdings & peervault.peer.Holdings.$Shape;
        }

        namespace Holdings {
            interface $Properties {
                applied?: (peervault.peer.Position.$Properties[]|null);
                complete?: (peervault.peer.Position.$Properties[]|null);
                freeBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Holdings.$Properties;
        }
        interface IAddresses extends peervault.peer.Addresses.$Properties {
        }
        class Addresses {
            constructor(properties?: peervault.peer.Addresses.$Properties);
            $unknowns?: Uint8Array[];
            records: Uint8Array[];
            static encode(message: peervault.peer.Addresses.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Addresses & peervault.peer.Addresses.$Shape;
        }

        namespace Addresses {
            interface $Properties {
                records?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Addresses.$Properties;
        }
        interface ICurrent extends peervault.peer.Current.$Properties {
        }
        class Current {
            constructor(properties?: peervault.peer.Current.$Properties);
            $unknowns?: Uint8Array[];
            static encode(message: peervault.peer.Current.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Current & peervault.peer.Current.$Shape;
        }

        namespace Current {
            interface $Properties {
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Current.$Properties;
        }
        interface IForks extends peervault.peer.Forks.$Properties {
        }
        class Forks {
            constructor(properties?: peervault.peer.Forks.$Properties);
            $unknowns?: Uint8Array[];
            proofs: Uint8Array[];
            static encode(message: peervault.peer.Forks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Forks & peervault.peer.Forks.$Shape;
        }

        namespace Forks {
            interface $Properties {
                proofs?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Forks.$Properties;
        }
        interface IForkProof extends peervault.peer.ForkProof.$Properties {
        }
        class ForkProof {
            constructor(properties?: peervault.peer.ForkProof.$Properties);
            $unknowns?: Uint8Array[];
            lower?: (peervault.peer.SignedHeader.$Properties|null);
            higher?: (peervault.peer.SignedHeader.$Properties|null);
            static encode(message: peervault.peer.ForkProof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.ForkProof & peervault.peer.ForkProof.$Shape;
        }

        namespace ForkProof {
            interface $Properties {
                lower?: (peervault.peer.SignedHeader.$Properties|null);
                higher?: (peervault.peer.SignedHeader.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.ForkProof.$Properties;
        }
        interface ISignedHeader extends peervault.peer.SignedHeader.$Properties {
        }
        class SignedHeader {
            constructor(properties?: peervault.peer.SignedHeader.$Properties);
            $unknowns?: Uint8Array[];
            header: Uint8Array;
            sealedHash: Uint8Array;
            signature: Uint8Array;
            static encode(message: peervault.peer.SignedHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.SignedHeader & peervault.peer.SignedHeader.$Shape;
        }

        namespace SignedHeader {
            interface $Properties {
                header?: (Uint8Array|null);
                sealedHash?: (Uint8Array|null);
                signature?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.SignedHeader.$Properties;
        }
        interface IDiverged extends peervault.peer.Diverged.$Properties {
        }
        class Diverged {
            constructor(properties?: peervault.peer.Diverged.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            incarnation: Uint8Array;
            static encode(message: peervault.peer.Diverged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.Diverged & peervault.peer.Diverged.$Shape;
        }

        namespace Diverged {
            interface $Properties {
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.Diverged.$Properties;
        }
        interface IHaveRequest extends peervault.peer.HaveRequest.$Properties {
        }
        class HaveRequest {
            constructor(properties?: peervault.peer.HaveRequest.$Properties);
            $unknowns?: Uint8Array[];
            ids: Uint8Array;
            static encode(message: peervault.peer.HaveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.HaveRequest & peervault.peer.HaveRequest.$Shape;
        }

        namespace HaveRequest {
            interface $Properties {
                ids?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.HaveRequest.$Properties;
        }
        interface IHaveReply extends peervault.peer.HaveReply.$Properties {
        }
        class HaveReply {
            constructor(properties?: peervault.peer.HaveReply.$Properties);
            $unknowns?: Uint8Array[];
            bitmap: Uint8Array;
            static encode(message: peervault.peer.HaveReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.HaveReply & peervault.peer.HaveReply.$Shape;
        }

        namespace HaveReply {
            interface $Properties {
                bitmap?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.HaveReply.$Properties;
        }
        interface IFetchRequest extends peervault.peer.FetchRequest.$Properties {
        }
        class FetchRequest {
            constructor(properties?: peervault.peer.FetchRequest.$Properties);
            $unknowns?: Uint8Array[];
            ids: Uint8Array;
            static encode(message: peervault.peer.FetchRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.FetchRequest & peervault.peer.FetchRequest.$Shape;
        }

        namespace FetchRequest {
            interface $Properties {
                ids?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.FetchRequest.$Properties;
        }
        interface IChunkHead extends peervault.peer.ChunkHead.$Properties {
        }
        class ChunkHead {
            constructor(properties?: peervault.peer.ChunkHead.$Properties);
            $unknowns?: Uint8Array[];
            id: Uint8Array;
            length: number;
            static encode(message: peervault.peer.ChunkHead.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.ChunkHead & peervault.peer.ChunkHead.$Shape;
        }

        namespace ChunkHead {
            interface $Properties {
                id?: (Uint8Array|null);
                length?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.ChunkHead.$Properties;
        }
        interface IJoinRequest extends peervault.peer.JoinRequest.$Properties {
        }
        class JoinRequest {
            constructor(properties?: peervault.peer.JoinRequest.$Properties);
            $unknowns?: Uint8Array[];
            ticket: Uint8Array;
            proof: Uint8Array;
            signKey: Uint8Array;
            signature: Uint8Array;
            name: string;
            static encode(message: peervault.peer.JoinRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.JoinRequest & peervault.peer.JoinRequest.$Shape;
        }

        namespace JoinRequest {
            interface $Properties {
                ticket?: (Uint8Array|null);
                proof?: (Uint8Array|null);
                signKey?: (Uint8Array|null);
                signature?: (Uint8Array|null);
                name?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.JoinRequest.$Properties;
        }
        interface IJoinReply extends peervault.peer.JoinReply.$Properties {
        }
        class JoinReply {
            constructor(properties?: peervault.peer.JoinReply.$Properties);
            $unknowns?: Uint8Array[];
            proof: Uint8Array;
            waiting: boolean;
            statements: Uint8Array[];
            more: boolean;
            addresses: Uint8Array[];
            static encode(message: peervault.peer.JoinReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.peer.JoinReply & peervault.peer.JoinReply.$Shape;
        }

        namespace JoinReply {
            interface $Properties {
                proof?: (Uint8Array|null);
                waiting?: (boolean|null);
                statements?: (Uint8Array[]|null);
                more?: (boolean|null);
                addresses?: (Uint8Array[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.peer.JoinReply.$Properties;
        }
    }
}
