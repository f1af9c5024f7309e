// Generated from members.proto by "npm run generate". Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

export namespace peervault {
    namespace members {
        interface ISignedStatement extends peervault.members.SignedStatement.$Properties {
        }
        class SignedStatement {
            constructor(properties?: peervault.members.SignedStatement.$Properties);
            $unknowns?: Uint8Array[];
            body: Uint8Array;
            signature: Uint8Array;
            static encode(message: peervault.members.SignedStatement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.SignedStatement & peervault.members.SignedStatement.$Shape;
        }

        namespace SignedStatement {
            interface $Properties {
                body?: (Uint8Array|null);
                signature?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.SignedStatement.$Properties;
        }
        interface IStatement extends peervault.members.Statement.$Properties {
        }
        class Statement {
            constructor(properties?: peervault.members.Statement.$Properties);
            $unknowns?: Uint8Array[];
            version: number;
            vault: Uint8Array;
            issuer: Uint8Array;
            sequence: number;
            previous: Uint8Array;
            heads: Uint8Array[];
            genesis?: (peervault.members.Genesis.$Properties|null);
            grant?: (peervault.members.Grant.$Properties|null);
            revoke?: (peervault.members.Revoke.$Properties|null);
            epoch?: (peervault.members.Epoch.$Properties|null);
            memberKey?: (peervault.members.MemberKey.$Properties|null);
            recover?: (peervault.members.Recover.$Properties|null);
            chooseBranch?: (peervault.members.ChooseBranch.$Properties|null);
            checkpoint?: (peervault.members.Checkpoint.$Properties|null);
            release?: (peervault.members.Release.$Properties|null);
            placementMap?: (peervault.members.PlacementMap.$Properties|null);
            kind?: ("genesis"|"grant"|"revoke"|"epoch"|"memberKey"|"recover"|"chooseBranch"|"checkpoint"|"release"|"placementMap");
            static encode(message: peervault.members.Statement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Statement & peervault.members.Statement.$Shape;
        }

        namespace Statement {
            interface $Properties {
                version?: (number|null);
                vault?: (Uint8Array|null);
                issuer?: (Uint8Array|null);
                sequence?: (number|null);
                previous?: (Uint8Array|null);
                heads?: (Uint8Array[]|null);
                genesis?: (peervault.members.Genesis.$Properties|null);
                grant?: (peervault.members.Grant.$Properties|null);
                revoke?: (peervault.members.Revoke.$Properties|null);
                epoch?: (peervault.members.Epoch.$Properties|null);
                memberKey?: (peervault.members.MemberKey.$Properties|null);
                recover?: (peervault.members.Recover.$Properties|null);
                chooseBranch?: (peervault.members.ChooseBranch.$Properties|null);
                checkpoint?: (peervault.members.Checkpoint.$Properties|null);
                release?: (peervault.members.Release.$Properties|null);
                placementMap?: (peervault.members.PlacementMap.$Properties|null);
                kind?: ("genesis"|"grant"|"revoke"|"epoch"|"memberKey"|"recover"|"chooseBranch"|"checkpoint"|"release"|"placementMap");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              version?: number|null;
              vault?: Uint8Array|null;
              issuer?: Uint8Array|null;
              sequence?: number|null;
              previous?: Uint8Array|null;
              heads?: Uint8Array[]|null;
              genesis?: peervault.members.Genesis.$Shape|null;
              grant?: peervault.members.Grant.$Shape|null;
              revoke?: peervault.members.Revoke.$Shape|null;
              epoch?: peervault.members.Epoch.$Shape|null;
              memberKey?: peervault.members.MemberKey.$Shape|null;
              recover?: peervault.members.Recover.$Shape|null;
              chooseBranch?: peervault.members.ChooseBranch.$Shape|null;
              checkpoint?: peervault.members.Checkpoint.$Shape|null;
              release?: peervault.members.Release.$Shape|null;
              placementMap?: peervault.members.PlacementMap.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "genesis"; genesis: peervault.members.Genesis.$Shape; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "grant"; genesis?: null; grant: peervault.members.Grant.$Shape; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "revoke"; genesis?: null; grant?: null; revoke: peervault.members.Revoke.$Shape; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "epoch"; genesis?: null; grant?: null; revoke?: null; epoch: peervault.members.Epoch.$Shape; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "memberKey"; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey: peervault.members.MemberKey.$Shape; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "recover"; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover: peervault.members.Recover.$Shape; chooseBranch?: null; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "chooseBranch"; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch: peervault.members.ChooseBranch.$Shape; checkpoint?: null; release?: null; placementMap?: null }|{ kind?: "checkpoint"; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint: peervault.members.Checkpoint.$Shape; release?: null; placementMap?: null }|{ kind?: "release"; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release: peervault.members.Release.$Shape; placementMap?: null }|{ kind?: "placementMap"; genesis?: null; grant?: null; revoke?: null; epoch?: null; memberKey?: null; recover?: null; chooseBranch?: null; checkpoint?: null; release?: null; placementMap: peervault.members.PlacementMap.$Shape })
            );
        }
        interface IGenesis extends peervault.members.Genesis.$Properties {
        }
        class Genesis {
            constructor(properties?: peervault.members.Genesis.$Properties);
            $unknowns?: Uint8Array[];
            owner: Uint8Array;
            recoverySign: Uint8Array;
            recoverySeal: Uint8Array;
            salt: Uint8Array;
            chunking?: (peervault.members.Chunking.$Properties|null);
            static encode(message: peervault.members.Genesis.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Genesis & peervault.members.Genesis.$Shape;
        }

        namespace Genesis {
            interface $Properties {
                owner?: (Uint8Array|null);
                recoverySign?: (Uint8Array|null);
                recoverySeal?: (Uint8Array|null);
                salt?: (Uint8Array|null);
                chunking?: (peervault.members.Chunking.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Genesis.$Properties;
        }
        interface IChunking extends peervault.members.Chunking.$Properties {
        }
        class Chunking {
            constructor(properties?: peervault.members.Chunking.$Properties);
            $unknowns?: Uint8Array[];
            chunker: number;
            minBytes: number;
            averageBytes: number;
            maxBytes: number;
            static encode(message: peervault.members.Chunking.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Chunking & peervault.members.Chunking.$Shape;
        }

        namespace Chunking {
            interface $Properties {
                chunker?: (number|null);
                minBytes?: (number|null);
                averageBytes?: (number|null);
                maxBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Chunking.$Properties;
        }
        interface ICertificate extends peervault.members.Certificate.$Properties {
        }
        class Certificate {
            constructor(properties?: peervault.members.Certificate.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            signKey: Uint8Array;
            noiseKey: Uint8Array;
            capabilities: number;
            quotaBytes: number;
            sealedLabel: Uint8Array;
            static encode(message: peervault.members.Certificate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Certificate & peervault.members.Certificate.$Shape;
        }

        namespace Certificate {
            interface $Properties {
                device?: (Uint8Array|null);
                signKey?: (Uint8Array|null);
                noiseKey?: (Uint8Array|null);
                capabilities?: (number|null);
                quotaBytes?: (number|null);
                sealedLabel?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Certificate.$Properties;
        }
        interface IGrant extends peervault.members.Grant.$Properties {
        }
        class Grant {
            constructor(properties?: peervault.members.Grant.$Properties);
            $unknowns?: Uint8Array[];
            certificate?: (peervault.members.Certificate.$Properties|null);
            memberKey?: (peervault.members.SealedKey.$Properties|null);
            epochs: peervault.members.SealedKey.$Properties[];
            ticket: Uint8Array;
            lastBatches: peervault.members.Cutoff.$Properties[];
            static encode(message: peervault.members.Grant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Grant & peervault.members.Grant.$Shape;
        }

        namespace Grant {
            interface $Properties {
                certificate?: (peervault.members.Certificate.$Properties|null);
                memberKey?: (peervault.members.SealedKey.$Properties|null);
                epochs?: (peervault.members.SealedKey.$Properties[]|null);
                ticket?: (Uint8Array|null);
                lastBatches?: (peervault.members.Cutoff.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Grant.$Properties;
        }
        interface ISealedKey extends peervault.members.SealedKey.$Properties {
        }
        class SealedKey {
            constructor(properties?: peervault.members.SealedKey.$Properties);
            $unknowns?: Uint8Array[];
            subject: Uint8Array;
            recipient: Uint8Array;
            encapsulated: Uint8Array;
            ciphertext: Uint8Array;
            static encode(message: peervault.members.SealedKey.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.SealedKey & peervault.members.SealedKey.$Shape;
        }

        namespace SealedKey {
            interface $Properties {
                subject?: (Uint8Array|null);
                recipient?: (Uint8Array|null);
                encapsulated?: (Uint8Array|null);
                ciphertext?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.SealedKey.$Properties;
        }
        interface IRevoke extends peervault.members.Revoke.$Properties {
        }
        class Revoke {
            constructor(properties?: peervault.members.Revoke.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            lastBatches: peervault.members.Cutoff.$Properties[];
            lastStatement: Uint8Array;
            reason: number;
            static encode(message: peervault.members.Revoke.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Revoke & peervault.members.Revoke.$Shape;
        }

        namespace Revoke {
            interface $Properties {
                device?: (Uint8Array|null);
                lastBatches?: (peervault.members.Cutoff.$Properties[]|null);
                lastStatement?: (Uint8Array|null);
                reason?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Revoke.$Properties;
        }
        interface ICutoff extends peervault.members.Cutoff.$Properties {
        }
        class Cutoff {
            constructor(properties?: peervault.members.Cutoff.$Properties);
            $unknowns?: Uint8Array[];
            incarnation: Uint8Array;
            sequence: number;
            hash: Uint8Array;
            static encode(message: peervault.members.Cutoff.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Cutoff & peervault.members.Cutoff.$Shape;
        }

        namespace Cutoff {
            interface $Properties {
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                hash?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Cutoff.$Properties;
        }
        interface IEpoch extends peervault.members.Epoch.$Properties {
        }
        class Epoch {
            constructor(properties?: peervault.members.Epoch.$Properties);
            $unknowns?: Uint8Array[];
            parents: Uint8Array[];
            sealed: peervault.members.SealedKey.$Properties[];
            wrappedParents: peervault.members.WrappedSecret.$Properties[];
            nonce: Uint8Array;
            static encode(message: peervault.members.Epoch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Epoch & peervault.members.Epoch.$Shape;
        }

        namespace Epoch {
            interface $Properties {
                parents?: (Uint8Array[]|null);
                sealed?: (peervault.members.SealedKey.$Properties[]|null);
                wrappedParents?: (peervault.members.WrappedSecret.$Properties[]|null);
                nonce?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Epoch.$Properties;
        }
        interface IWrappedSecret extends peervault.members.WrappedSecret.$Properties {
        }
        class WrappedSecret {
            constructor(properties?: peervault.members.WrappedSecret.$Properties);
            $unknowns?: Uint8Array[];
            epoch: Uint8Array;
            nonce: Uint8Array;
            ciphertext: Uint8Array;
            static encode(message: peervault.members.WrappedSecret.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.WrappedSecret & peervault.members.WrappedSecret.$Shape;
        }

        namespace WrappedSecret {
            interface $Properties {
                epoch?: (Uint8Array|null);
                nonce?: (Uint8Array|null);
                ciphertext?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.WrappedSecret.$Properties;
        }
        interface IMemberKey extends peervault.members.MemberKey.$Properties {
        }
        class MemberKey {
            constructor(properties?: peervault.members.MemberKey.$Properties);
            $unknowns?: Uint8Array[];
            generation: number;
            sealed: peervault.members.SealedKey.$Properties[];
            wrappedPrevious: peervault.members.WrappedMemberKey.$Properties[];
            static encode(message: peervault.members.MemberKey.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.MemberKey & peervault.members.MemberKey.$Shape;
        }

        namespace MemberKey {
            interface $Properties {
                generation?: (number|null);
                sealed?: (peervault.members.SealedKey.$Properties[]|null);
                wrappedPrevious?: (peervault.members.WrappedMemberKey.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.MemberKey.$Properties;
        }
        interface IWrappedMemberKey extends peervault.members.WrappedMemberKey.$Properties {
        }
        class WrappedMemberKey {
            constructor(properties?: peervault.members.WrappedMemberKey.$Properties);
            $unknowns?: Uint8Array[];
            statement: Uint8Array;
            nonce: Uint8Array;
            ciphertext: Uint8Array;
            static encode(message: peervault.members.WrappedMemberKey.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.WrappedMemberKey & peervault.members.WrappedMemberKey.$Shape;
        }

        namespace WrappedMemberKey {
            interface $Properties {
                statement?: (Uint8Array|null);
                nonce?: (Uint8Array|null);
                ciphertext?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.WrappedMemberKey.$Properties;
        }
        interface IRecover extends peervault.members.Recover.$Properties {
        }
        class Recover {
            constructor(properties?: peervault.members.Recover.$Properties);
            $unknowns?: Uint8Array[];
            owner: Uint8Array;
            replaces: Uint8Array;
            lastStatement: Uint8Array;
            static encode(message: peervault.members.Recover.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Recover & peervault.members.Recover.$Shape;
        }

        namespace Recover {
            interface $Properties {
                owner?: (Uint8Array|null);
                replaces?: (Uint8Array|null);
                lastStatement?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Recover.$Properties;
        }
        interface IChooseBranch extends peervault.members.ChooseBranch.$Properties {
        }
        class ChooseBranch {
            constructor(properties?: peervault.members.ChooseBranch.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            incarnation: Uint8Array;
            sequence: number;
            hash: Uint8Array;
            static encode(message: peervault.members.ChooseBranch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.ChooseBranch & peervault.members.ChooseBranch.$Shape;
        }

        namespace ChooseBranch {
            interface $Properties {
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                hash?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.ChooseBranch.$Properties;
        }
        interface ICheckpoint extends peervault.members.Checkpoint.$Properties {
        }
        class Checkpoint {
            constructor(properties?: peervault.members.Checkpoint.$Properties);
            $unknowns?: Uint8Array[];
            vector: peervault.members.Position.$Properties[];
            stateRoot: Uint8Array;
            excluded: peervault.members.Position.$Properties[];
            pages: Uint8Array;
            epoch: Uint8Array;
            static encode(message: peervault.members.Checkpoint.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Checkpoint & peervault.members.Checkpoint.$Shape;
        }

        namespace Checkpoint {
            interface $Properties {
                vector?: (peervault.members.Position.$Properties[]|null);
                stateRoot?: (Uint8Array|null);
                excluded?: (peervault.members.Position.$Properties[]|null);
                pages?: (Uint8Array|null);
                epoch?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Checkpoint.$Properties;
        }
        interface IPosition extends peervault.members.Position.$Properties {
        }
        class Position {
            constructor(properties?: peervault.members.Position.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            incarnation: Uint8Array;
            sequence: number;
            hash: Uint8Array;
            static encode(message: peervault.members.Position.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Position & peervault.members.Position.$Shape;
        }

        namespace Position {
            interface $Properties {
                device?: (Uint8Array|null);
                incarnation?: (Uint8Array|null);
                sequence?: (number|null);
                hash?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Position.$Properties;
        }
        interface IRelease extends peervault.members.Release.$Properties {
        }
        class Release {
            constructor(properties?: peervault.members.Release.$Properties);
            $unknowns?: Uint8Array[];
            chunks: Uint8Array;
            vector: peervault.members.Position.$Properties[];
            static encode(message: peervault.members.Release.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Release & peervault.members.Release.$Shape;
        }

        namespace Release {
            interface $Properties {
                chunks?: (Uint8Array|null);
                vector?: (peervault.members.Position.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Release.$Properties;
        }
        interface IPlacementMap extends peervault.members.PlacementMap.$Properties {
        }
        class PlacementMap {
            constructor(properties?: peervault.members.PlacementMap.$Properties);
            $unknowns?: Uint8Array[];
            generation: number;
            placements: peervault.members.Placement.$Properties[];
            static encode(message: peervault.members.PlacementMap.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.PlacementMap & peervault.members.PlacementMap.$Shape;
        }

        namespace PlacementMap {
            interface $Properties {
                generation?: (number|null);
                placements?: (peervault.members.Placement.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.PlacementMap.$Properties;
        }
        interface IPlacement extends peervault.members.Placement.$Properties {
        }
        class Placement {
            constructor(properties?: peervault.members.Placement.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            weight: number;
            domain: number;
            static encode(message: peervault.members.Placement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Placement & peervault.members.Placement.$Shape;
        }

        namespace Placement {
            interface $Properties {
                device?: (Uint8Array|null);
                weight?: (number|null);
                domain?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Placement.$Properties;
        }
        interface ITicket extends peervault.members.Ticket.$Properties {
        }
        class Ticket {
            constructor(properties?: peervault.members.Ticket.$Properties);
            $unknowns?: Uint8Array[];
            version: number;
            vault: Uint8Array;
            issuerNoiseKey: Uint8Array;
            addresses: string[];
            secret: Uint8Array;
            expiresS: number;
            heads: Uint8Array[];
            vector: peervault.members.Position.$Properties[];
            static encode(message: peervault.members.Ticket.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.Ticket & peervault.members.Ticket.$Shape;
        }

        namespace Ticket {
            interface $Properties {
                version?: (number|null);
                vault?: (Uint8Array|null);
                issuerNoiseKey?: (Uint8Array|null);
                addresses?: (string[]|null);
                secret?: (Uint8Array|null);
                expiresS?: (number|null);
                heads?: (Uint8Array[]|null);
                vector?: (peervault.members.Position.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.Ticket.$Properties;
        }
        interface IAddressRecord extends peervault.members.AddressRecord.$Properties {
        }
        class AddressRecord {
            constructor(properties?: peervault.members.AddressRecord.$Properties);
            $unknowns?: Uint8Array[];
            device: Uint8Array;
            counter: number;
            addresses: string[];
            signature: Uint8Array;
            static encode(message: peervault.members.AddressRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.members.AddressRecord & peervault.members.AddressRecord.$Shape;
        }

        namespace AddressRecord {
            interface $Properties {
                device?: (Uint8Array|null);
                counter?: (number|null);
                addresses?: (string[]|null);
                signature?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.members.AddressRecord.$Properties;
        }
    }
}
