// Generated from control.proto by "npm run generate". Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

export namespace peervault {
    namespace control {
        interface IEmpty extends peervault.control.Empty.$Properties {
        }
        class Empty {
            constructor(properties?: peervault.control.Empty.$Properties);
            $unknowns?: Uint8Array[];
            static encode(message: peervault.control.Empty.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Empty & peervault.control.Empty.$Shape;
        }

        namespace Empty {
            interface $Properties {
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Empty.$Properties;
        }
        interface IPathRequest extends peervault.control.PathRequest.$Properties {
        }
        class PathRequest {
            constructor(properties?: peervault.control.PathRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            version: string;
            static encode(message: peervault.control.PathRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PathRequest & peervault.control.PathRequest.$Shape;
        }

        namespace PathRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                version?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PathRequest.$Properties;
        }
        interface IReport extends peervault.control.Report.$Properties {
        }
        class Report {
            constructor(properties?: peervault.control.Report.$Properties);
            $unknowns?: Uint8Array[];
            json: Uint8Array;
            static encode(message: peervault.control.Report.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Report & peervault.control.Report.$Shape;
        }

        namespace Report {
            interface $Properties {
                json?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Report.$Properties;
        }
        interface IEntry extends peervault.control.Entry.$Properties {
        }
        class Entry {
            constructor(properties?: peervault.control.Entry.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            kind: number;
            size: number;
            mode: number;
            mtimeS: number;
            mtimeNs: number;
            target: Uint8Array;
            version: string;
            state: number;
            author: string;
            node: number;
            links: number;
            deviceId: string;
            chunks: number;
            chunksHere: number;
            static encode(message: peervault.control.Entry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Entry & peervault.control.Entry.$Shape;
        }

        namespace Entry {
            interface $Properties {
                path?: (Uint8Array|null);
                kind?: (number|null);
                size?: (number|null);
                mode?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                target?: (Uint8Array|null);
                version?: (string|null);
                state?: (number|null);
                author?: (string|null);
                node?: (number|null);
                links?: (number|null);
                deviceId?: (string|null);
                chunks?: (number|null);
                chunksHere?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Entry.$Properties;
        }
        interface IListRequest extends peervault.control.ListRequest.$Properties {
        }
        class ListRequest {
            constructor(properties?: peervault.control.ListRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            recursive: boolean;
            depthMax: number;
            static encode(message: peervault.control.ListRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ListRequest & peervault.control.ListRequest.$Shape;
        }

        namespace ListRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                recursive?: (boolean|null);
                depthMax?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ListRequest.$Properties;
        }
        interface IListPage extends peervault.control.ListPage.$Properties {
        }
        class ListPage {
            constructor(properties?: peervault.control.ListPage.$Properties);
            $unknowns?: Uint8Array[];
            entries: peervault.control.Entry.$Properties[];
            static encode(message: peervault.control.ListPage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ListPage & peervault.control.ListPage.$Shape;
        }

        namespace ListPage {
            interface $Properties {
                entries?: (peervault.control.Entry.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ListPage.$Properties;
        }
        interface IPutRequest extends peervault.control.PutRequest.$Properties {
        }
        class PutRequest {
            constructor(properties?: peervault.control.PutRequest.$Properties);
            $unknowns?: Uint8Array[];
            destination: Uint8Array;
            parents: boolean;
            into: boolean;
            checksum: boolean;
            static encode(message: peervault.control.PutRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutRequest & peervault.control.PutRequest.$Shape;
        }

        namespace PutRequest {
            interface $Properties {
                destination?: (Uint8Array|null);
                parents?: (boolean|null);
                into?: (boolean|null);
                checksum?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutRequest.$Properties;
        }
        interface IPutUp extends peervault.control.PutUp.$Properties {
        }
        class PutUp {
            constructor(properties?: peervault.control.PutUp.$Properties);
            $unknowns?: Uint8Array[];
            offer?: (peervault.control.PutOffer.$Properties|null);
            body?: (peervault.control.PutBody.$Properties|null);
            bodyEnd?: (peervault.control.PutBodyEnd.$Properties|null);
            kind?: ("offer"|"body"|"bodyEnd");
            static encode(message: peervault.control.PutUp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutUp & peervault.control.PutUp.$Shape;
        }

        namespace PutUp {
            interface $Properties {
                offer?: (peervault.control.PutOffer.$Properties|null);
                body?: (peervault.control.PutBody.$Properties|null);
                bodyEnd?: (peervault.control.PutBodyEnd.$Properties|null);
                kind?: ("offer"|"body"|"bodyEnd");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              offer?: peervault.control.PutOffer.$Shape|null;
              body?: peervault.control.PutBody.$Shape|null;
              bodyEnd?: peervault.control.PutBodyEnd.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; offer?: null; body?: null; bodyEnd?: null }|{ kind?: "offer"; offer: peervault.control.PutOffer.$Shape; body?: null; bodyEnd?: null }|{ kind?: "body"; offer?: null; body: peervault.control.PutBody.$Shape; bodyEnd?: null }|{ kind?: "bodyEnd"; offer?: null; body?: null; bodyEnd: peervault.control.PutBodyEnd.$Shape })
            );
        }
        interface IPutOffer extends peervault.control.PutOffer.$Properties {
        }
        class PutOffer {
            constructor(properties?: peervault.control.PutOffer.$Properties);
            $unknowns?: Uint8Array[];
            items: peervault.control.PutItem.$Properties[];
            static encode(message: peervault.control.PutOffer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutOffer & peervault.control.PutOffer.$Shape;
        }

        namespace PutOffer {
            interface $Properties {
                items?: (peervault.control.PutItem.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutOffer.$Properties;
        }
        interface IPutItem extends peervault.control.PutItem.$Properties {
        }
        class PutItem {
            constructor(properties?: peervault.control.PutItem.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            kind: number;
            size: number;
            mode: number;
            mtimeS: number;
            mtimeNs: number;
            target: Uint8Array;
            fingerprint: Uint8Array;
            sizeKnown: boolean;
            static encode(message: peervault.control.PutItem.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutItem & peervault.control.PutItem.$Shape;
        }

        namespace PutItem {
            interface $Properties {
                path?: (Uint8Array|null);
                kind?: (number|null);
                size?: (number|null);
                mode?: (number|null);
                mtimeS?: (number|null);
                mtimeNs?: (number|null);
                target?: (Uint8Array|null);
                fingerprint?: (Uint8Array|null);
                sizeKnown?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutItem.$Properties;
        }
        interface IPutBody extends peervault.control.PutBody.$Properties {
        }
        class PutBody {
            constructor(properties?: peervault.control.PutBody.$Properties);
            $unknowns?: Uint8Array[];
            item: number;
            static encode(message: peervault.control.PutBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutBody & peervault.control.PutBody.$Shape;
        }

        namespace PutBody {
            interface $Properties {
                item?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutBody.$Properties;
        }
        interface IPutBodyEnd extends peervault.control.PutBodyEnd.$Properties {
        }
        class PutBodyEnd {
            constructor(properties?: peervault.control.PutBodyEnd.$Properties);
            $unknowns?: Uint8Array[];
            item: number;
            aborted: boolean;
            static encode(message: peervault.control.PutBodyEnd.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutBodyEnd & peervault.control.PutBodyEnd.$Shape;
        }

        namespace PutBodyEnd {
            interface $Properties {
                item?: (number|null);
                aborted?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutBodyEnd.$Properties;
        }
        interface IPutDown extends peervault.control.PutDown.$Properties {
        }
        class PutDown {
            constructor(properties?: peervault.control.PutDown.$Properties);
            $unknowns?: Uint8Array[];
            need?: (peervault.control.PutNeed.$Properties|null);
            progress?: (peervault.control.PutProgress.$Properties|null);
            done?: (peervault.control.PutDone.$Properties|null);
            kind?: ("need"|"progress"|"done");
            static encode(message: peervault.control.PutDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutDown & peervault.control.PutDown.$Shape;
        }

        namespace PutDown {
            interface $Properties {
                need?: (peervault.control.PutNeed.$Properties|null);
                progress?: (peervault.control.PutProgress.$Properties|null);
                done?: (peervault.control.PutDone.$Properties|null);
                kind?: ("need"|"progress"|"done");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              need?: peervault.control.PutNeed.$Shape|null;
              progress?: peervault.control.PutProgress.$Shape|null;
              done?: peervault.control.PutDone.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; need?: null; progress?: null; done?: null }|{ kind?: "need"; need: peervault.control.PutNeed.$Shape; progress?: null; done?: null }|{ kind?: "progress"; need?: null; progress: peervault.control.PutProgress.$Shape; done?: null }|{ kind?: "done"; need?: null; progress?: null; done: peervault.control.PutDone.$Shape })
            );
        }
        interface IPutNeed extends peervault.control.PutNeed.$Properties {
        }
        class PutNeed {
            constructor(properties?: peervault.control.PutNeed.$Properties);
            $unknowns?: Uint8Array[];
            bitmap: Uint8Array;
            static encode(message: peervault.control.PutNeed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutNeed & peervault.control.PutNeed.$Shape;
        }

        namespace PutNeed {
            interface $Properties {
                bitmap?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutNeed.$Properties;
        }
        interface IPutProgress extends peervault.control.PutProgress.$Properties {
        }
        class PutProgress {
            constructor(properties?: peervault.control.PutProgress.$Properties);
            $unknowns?: Uint8Array[];
            durableItems: number;
            durableBytes: number;
            static encode(message: peervault.control.PutProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutProgress & peervault.control.PutProgress.$Shape;
        }

        namespace PutProgress {
            interface $Properties {
                durableItems?: (number|null);
                durableBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutProgress.$Properties;
        }
        interface IPutDone extends peervault.control.PutDone.$Properties {
        }
        class PutDone {
            constructor(properties?: peervault.control.PutDone.$Properties);
            $unknowns?: Uint8Array[];
            files: number;
            directories: number;
            symlinks: number;
            skipped: number;
            bytes: number;
            storedBytes: number;
            chunksNew: number;
            chunksReused: number;
            version: string;
            static encode(message: peervault.control.PutDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PutDone & peervault.control.PutDone.$Shape;
        }

        namespace PutDone {
            interface $Properties {
                files?: (number|null);
                directories?: (number|null);
                symlinks?: (number|null);
                skipped?: (number|null);
                bytes?: (number|null);
                storedBytes?: (number|null);
                chunksNew?: (number|null);
                chunksReused?: (number|null);
                version?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PutDone.$Properties;
        }
        interface IGetRequest extends peervault.control.GetRequest.$Properties {
        }
        class GetRequest {
            constructor(properties?: peervault.control.GetRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            version: string;
            recursive: boolean;
            offset: number;
            length: number;
            static encode(message: peervault.control.GetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetRequest & peervault.control.GetRequest.$Shape;
        }

        namespace GetRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                version?: (string|null);
                recursive?: (boolean|null);
                offset?: (number|null);
                length?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetRequest.$Properties;
        }
        interface IGetDown extends peervault.control.GetDown.$Properties {
        }
        class GetDown {
            constructor(properties?: peervault.control.GetDown.$Properties);
            $unknowns?: Uint8Array[];
            entry?: (peervault.control.Entry.$Properties|null);
            bodyEnd?: (peervault.control.GetBodyEnd.$Properties|null);
            plan?: (peervault.control.GetPlan.$Properties|null);
            kind?: ("entry"|"bodyEnd"|"plan");
            static encode(message: peervault.control.GetDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetDown & peervault.control.GetDown.$Shape;
        }

        namespace GetDown {
            interface $Properties {
                entry?: (peervault.control.Entry.$Properties|null);
                bodyEnd?: (peervault.control.GetBodyEnd.$Properties|null);
                plan?: (peervault.control.GetPlan.$Properties|null);
                kind?: ("entry"|"bodyEnd"|"plan");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              entry?: peervault.control.Entry.$Shape|null;
              bodyEnd?: peervault.control.GetBodyEnd.$Shape|null;
              plan?: peervault.control.GetPlan.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; entry?: null; bodyEnd?: null; plan?: null }|{ kind?: "entry"; entry: peervault.control.Entry.$Shape; bodyEnd?: null; plan?: null }|{ kind?: "bodyEnd"; entry?: null; bodyEnd: peervault.control.GetBodyEnd.$Shape; plan?: null }|{ kind?: "plan"; entry?: null; bodyEnd?: null; plan: peervault.control.GetPlan.$Shape })
            );
        }
        interface IGetPlan extends peervault.control.GetPlan.$Properties {
        }
        class GetPlan {
            constructor(properties?: peervault.control.GetPlan.$Properties);
            $unknowns?: Uint8Array[];
            files: number;
            bytes: number;
            static encode(message: peervault.control.GetPlan.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetPlan & peervault.control.GetPlan.$Shape;
        }

        namespace GetPlan {
            interface $Properties {
                files?: (number|null);
                bytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetPlan.$Properties;
        }
        interface IGetBodyEnd extends peervault.control.GetBodyEnd.$Properties {
        }
        class GetBodyEnd {
            constructor(properties?: peervault.control.GetBodyEnd.$Properties);
            $unknowns?: Uint8Array[];
            static encode(message: peervault.control.GetBodyEnd.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.GetBodyEnd & peervault.control.GetBodyEnd.$Shape;
        }

        namespace GetBodyEnd {
            interface $Properties {
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.GetBodyEnd.$Properties;
        }
        interface IMakeDirectoryRequest extends peervault.control.MakeDirectoryRequest.$Properties {
        }
        class MakeDirectoryRequest {
            constructor(properties?: peervault.control.MakeDirectoryRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            parents: boolean;
            mode: number;
            static encode(message: peervault.control.MakeDirectoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MakeDirectoryRequest & peervault.control.MakeDirectoryRequest.$Shape;
        }

        namespace MakeDirectoryRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                parents?: (boolean|null);
                mode?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MakeDirectoryRequest.$Properties;
        }
        interface IRemoveRequest extends peervault.control.RemoveRequest.$Properties {
        }
        class RemoveRequest {
            constructor(properties?: peervault.control.RemoveRequest.$Properties);
            $unknowns?: Uint8Array[];
            path: Uint8Array;
            recursive: boolean;
            force: boolean;
            static encode(message: peervault.control.RemoveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.RemoveRequest & peervault.control.RemoveRequest.$Shape;
        }

        namespace RemoveRequest {
            interface $Properties {
                path?: (Uint8Array|null);
                recursive?: (boolean|null);
                force?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.RemoveRequest.$Properties;
        }
        interface IMoveRequest extends peervault.control.MoveRequest.$Properties {
        }
        class MoveRequest {
            constructor(properties?: peervault.control.MoveRequest.$Properties);
            $unknowns?: Uint8Array[];
            source: Uint8Array;
            destination: Uint8Array;
            noReplace: boolean;
            static encode(message: peervault.control.MoveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.MoveRequest & peervault.control.MoveRequest.$Shape;
        }

        namespace MoveRequest {
            interface $Properties {
                source?: (Uint8Array|null);
                destination?: (Uint8Array|null);
                noReplace?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.MoveRequest.$Properties;
        }
        interface ICopyRequest extends peervault.control.CopyRequest.$Properties {
        }
        class CopyRequest {
            constructor(properties?: peervault.control.CopyRequest.$Properties);
            $unknowns?: Uint8Array[];
            source: Uint8Array;
            destination: Uint8Array;
            recursive: boolean;
            static encode(message: peervault.control.CopyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.CopyRequest & peervault.control.CopyRequest.$Shape;
        }

        namespace CopyRequest {
            interface $Properties {
                source?: (Uint8Array|null);
                destination?: (Uint8Array|null);
                recursive?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.CopyRequest.$Properties;
        }
        interface IChanged extends peervault.control.Changed.$Properties {
        }
        class Changed {
            constructor(properties?: peervault.control.Changed.$Properties);
            $unknowns?: Uint8Array[];
            entries: number;
            version: string;
            static encode(message: peervault.control.Changed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Changed & peervault.control.Changed.$Shape;
        }

        namespace Changed {
            interface $Properties {
                entries?: (number|null);
                version?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Changed.$Properties;
        }
        interface IInviteRequest extends peervault.control.InviteRequest.$Properties {
        }
        class InviteRequest {
            constructor(properties?: peervault.control.InviteRequest.$Properties);
            $unknowns?: Uint8Array[];
            role: string;
            expiresS: number;
            approve: boolean;
            addresses: string[];
            static encode(message: peervault.control.InviteRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.InviteRequest & peervault.control.InviteRequest.$Shape;
        }

        namespace InviteRequest {
            interface $Properties {
                role?: (string|null);
                expiresS?: (number|null);
                approve?: (boolean|null);
                addresses?: (string[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.InviteRequest.$Properties;
        }
        interface IPeerAddRequest extends peervault.control.PeerAddRequest.$Properties {
        }
        class PeerAddRequest {
            constructor(properties?: peervault.control.PeerAddRequest.$Properties);
            $unknowns?: Uint8Array[];
            device: string;
            address: string;
            static encode(message: peervault.control.PeerAddRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PeerAddRequest & peervault.control.PeerAddRequest.$Shape;
        }

        namespace PeerAddRequest {
            interface $Properties {
                device?: (string|null);
                address?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PeerAddRequest.$Properties;
        }
        interface IPeerRemoveRequest extends peervault.control.PeerRemoveRequest.$Properties {
        }
        class PeerRemoveRequest {
            constructor(properties?: peervault.control.PeerRemoveRequest.$Properties);
            $unknowns?: Uint8Array[];
            address: string;
            static encode(message: peervault.control.PeerRemoveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.PeerRemoveRequest & peervault.control.PeerRemoveRequest.$Shape;
        }

        namespace PeerRemoveRequest {
            interface $Properties {
                address?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.PeerRemoveRequest.$Properties;
        }
        interface IEventsRequest extends peervault.control.EventsRequest.$Properties {
        }
        class EventsRequest {
            constructor(properties?: peervault.control.EventsRequest.$Properties);
            $unknowns?: Uint8Array[];
            follow: boolean;
            recent: number;
            static encode(message: peervault.control.EventsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.EventsRequest & peervault.control.EventsRequest.$Shape;
        }

        namespace EventsRequest {
            interface $Properties {
                follow?: (boolean|null);
                recent?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.EventsRequest.$Properties;
        }
        interface IEvent extends peervault.control.Event.$Properties {
        }
        class Event {
            constructor(properties?: peervault.control.Event.$Properties);
            $unknowns?: Uint8Array[];
            json: Uint8Array;
            static encode(message: peervault.control.Event.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.Event & peervault.control.Event.$Shape;
        }

        namespace Event {
            interface $Properties {
                json?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.Event.$Properties;
        }
        interface IConfigRequest extends peervault.control.ConfigRequest.$Properties {
        }
        class ConfigRequest {
            constructor(properties?: peervault.control.ConfigRequest.$Properties);
            $unknowns?: Uint8Array[];
            key: string;
            static encode(message: peervault.control.ConfigRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ConfigRequest & peervault.control.ConfigRequest.$Shape;
        }

        namespace ConfigRequest {
            interface $Properties {
                key?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ConfigRequest.$Properties;
        }
        interface IShutdownRequest extends peervault.control.ShutdownRequest.$Properties {
        }
        class ShutdownRequest {
            constructor(properties?: peervault.control.ShutdownRequest.$Properties);
            $unknowns?: Uint8Array[];
            supervisor: boolean;
            static encode(message: peervault.control.ShutdownRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): peervault.control.ShutdownRequest & peervault.control.ShutdownRequest.$Shape;
        }

        namespace ShutdownRequest {
            interface $Properties {
                supervisor?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = peervault.control.ShutdownRequest.$Properties;
        }
    }
}
