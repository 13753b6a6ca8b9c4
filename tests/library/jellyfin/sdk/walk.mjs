// What an app of Jellyfin's own makers does, with their own SDK: sign in, browse, play, report, listen.
//
//     node walk.mjs ADDRESS NAME PASSWORD FOLDER    (FOLDER holds @jellyfin/sdk and typescript)
//
// Prints one JSON object: `facts` (what the calls led to) and `wrong` (each answer that SDK's types do not allow, as TypeScript words it).

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [address, name, password, folder] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const within = async (path) => import(pathToFileURL(join(folder, 'node_modules', path)).href);

const { Jellyfin } = await within('@jellyfin/sdk/lib/index.js');
const { OutboundWebSocketMessageType: Told } = await within('@jellyfin/sdk/lib/websocket/index.js');
const apis = await within('@jellyfin/sdk/lib/utils/api/index.js');
const ts = require('typescript');

process.on('uncaughtException', (error) => {
  // What axios throws holds whole sockets.
  process.stderr.write(`${error.config?.method ?? ''} ${error.config?.url ?? ''} ${error.response?.status ?? ''} ${error.response ? '' : error.stack}\n`);
  process.exit(1);
});

const answers = []; // [where, type, body]
const facts = {};

/** Keep an answer, to be held against the SDK's type of it. */
function kept(where, type, answer) {
  answers.push([where, type, answer.data]);
  return answer.data;
}

/** The status of a call that is to fail. */
async function refused(call) {
  try {
    await call;
    return 200;
  } catch (error) {
    return error.response?.status ?? String(error);
  }
}

/** `found()`'s first true value. */
async function until(found, seconds = 30) {
  for (let left = seconds * 20; left > 0; left -= 1) {
    const value = found();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
  return null;
}

const app = new Jellyfin({
  clientInfo: { name: 'Polycast, "tested"', version: '1.0' },
  deviceInfo: { name: 'Bänk & co', id: 'sdk-bench' },
});

// Finding the server, as apps do with what people type.
const [server] = await app.discovery.getRecommendedServers([address]);
facts.issues = server.issues.map((issue) => issue.constructor.name);
const api = app.createApi(address);
const publicInfo = kept('System/Info/Public', 'PublicSystemInfo', await apis.getSystemApi(api).getPublicSystemInfo());

// Signing in: by password, and by a code that is typed where somebody is signed in.
const signing = apis.getAuthenticationApi(api);
facts.wrongPassword = await refused(signing.authenticateUserByName({ authenticateUserByName: { Username: name, Pw: 'wrong' } }));
kept('Users/Public', 'UserDto[]', await apis.getUserApi(api).getPublicUsers());
kept('Branding/Configuration', 'BrandingOptionsDto', await apis.getBrandingApi(api).getBrandingOptions());
const television = new Jellyfin({
  clientInfo: { name: 'Television', version: '2' },
  deviceInfo: { name: 'Living room', id: 'sdk-tv' },
}).createApi(address);
const waiting = apis.getAuthenticationApi(television);
facts.isQuick = (await waiting.getQuickConnectEnabled()).data;
const code = kept('QuickConnect/Initiate', 'QuickConnectResult', await waiting.initiateQuickConnect());
const given = kept(
  'Users/AuthenticateByName',
  'AuthenticationResult',
  await signing.authenticateUserByName({ authenticateUserByName: { Username: name, Pw: password } }),
);
api.update({ accessToken: given.AccessToken });
facts.isOneServer = given.ServerId === publicInfo.Id && given.User.ServerId === publicInfo.Id;
facts.approved = (await apis.getAuthenticationApi(api).authorizeQuickConnect({ code: code.Code })).data;
kept('QuickConnect/Connect', 'QuickConnectResult', await waiting.getQuickConnectState({ secret: code.Secret }));
const quick = kept(
  'Users/AuthenticateWithQuickConnect',
  'AuthenticationResult',
  await waiting.authenticateWithQuickConnect({ quickConnectDto: { Secret: code.Secret } }),
);
television.update({ accessToken: quick.AccessToken });
const user = kept('Users/Me', 'UserDto', await apis.getUserApi(api).getCurrentUser());
kept('Users/{id}', 'UserDto', await apis.getUserApi(api).getUserById({ userId: user.Id }));
kept('Users', 'UserDto[]', await apis.getUserApi(api).getUsers());
const system = apis.getSystemApi(api);
kept('System/Info', 'SystemInfo', await system.getSystemInfo());
kept('System/Endpoint', 'EndPointInfo', await system.getEndpointInfo());
kept('System/Configuration', 'ServerConfiguration', await system.getConfiguration());
kept('System/Configuration/encoding', 'EncodingOptions', await system.getNamedConfiguration({ key: 'encoding' }));
facts.capabilities = (
  await apis.getSessionApi(api).postFullCapabilities({
    clientCapabilitiesDto: {
      PlayableMediaTypes: ['Video'],
      SupportedCommands: ['DisplayMessage', 'SetVolume'],
      SupportsMediaControl: true,
    },
  })
).status;
await apis.getSessionApi(television).postFullCapabilities({
  clientCapabilitiesDto: { PlayableMediaTypes: ['Video'], SupportedCommands: ['DisplayMessage'], SupportsMediaControl: true },
});

// Listening: what the server tells by itself.
const heard = [];
const stop = api.subscribe([Told.Sessions, Told.UserDataChanged, Told.LibraryChanged], (message) => heard.push(message));
const told = [];
const stopTelevision = television.subscribe([Told.Playstate, Told.GeneralCommand, Told.Play], (message) => told.push(message));
const first = await until(() => heard.find((message) => message.MessageType === 'Sessions'));
facts.toldOfSessions = first?.Data.map((session) => session.DeviceName).sort() ?? null;
if (first) answers.push(['socket: Sessions', 'SessionsMessage', first]);

// The home page.
const views = kept('UserViews', 'BaseItemDtoQueryResult', await apis.getUserViewApi(api).getUserViews({ userId: user.Id }));
facts.views = views.Items.map((view) => [view.Name, view.CollectionType]);
const library = apis.getLibraryApi(api);
const view = (kind) => views.Items.find((one) => one.CollectionType === kind);
const fields = ['PrimaryImageAspectRatio', 'Overview', 'MediaSources', 'MediaStreams', 'People', 'Chapters', 'ProviderIds', 'Trickplay'];
const films = kept(
  'Items?films',
  'BaseItemDtoQueryResult',
  await library.getItems({
    userId: user.Id, parentId: view('movies').Id, includeItemTypes: ['Movie'], recursive: true, fields, sortBy: ['SortName'],
    sortOrder: ['Ascending'], startIndex: 0, limit: 100, enableImageTypes: ['Primary', 'Backdrop'], imageTypeLimit: 1,
  }),
);
facts.films = films.Items.map((item) => item.Name);
const shows = kept(
  'Items?shows',
  'BaseItemDtoQueryResult',
  await library.getItems({ parentId: view('tvshows').Id, includeItemTypes: ['Series'], recursive: true, fields }),
);
const show = shows.Items[0];
facts.shows = shows.Items.map((item) => item.Name);
kept('Items/Latest', 'BaseItemDto[]', await library.getLatestMedia({ parentId: view('movies').Id, limit: 4, fields }));
kept('Items/Counts', 'ItemCounts', await library.getItemCounts());
kept('Items/Filters2', 'QueryFilters', await apis.getFilterApi(api).getQueryFilters({ parentId: view('movies').Id }));
kept('Items/Filters', 'QueryFiltersLegacy', await apis.getFilterApi(api).getQueryFiltersLegacy({ parentId: view('movies').Id }));
kept('Genres', 'BaseItemDtoQueryResult', await apis.getGenreApi(api).getGenres({ parentId: view('movies').Id }));
kept('Studios', 'BaseItemDtoQueryResult', await apis.getStudioApi(api).getStudios());
kept('Persons', 'BaseItemDtoQueryResult', await apis.getPersonApi(api).getPersons());
kept('Years', 'BaseItemDtoQueryResult', await apis.getYearApi(api).getYears());
kept('DisplayPreferences', 'DisplayPreferencesDto', await apis.getDisplayPreferenceApi(api).getDisplayPreferences({
  displayPreferencesId: 'usersettings', userId: user.Id, client: 'emby',
}));
kept('Localization/Cultures', 'CultureDto[]', await apis.getLocalizationApi(api).getCultures());
kept('Localization/Countries', 'CountryInfo[]', await apis.getLocalizationApi(api).getCountries());
kept('Localization/ParentalRatings', 'ParentalRating[]', await apis.getLocalizationApi(api).getParentalRatings());
kept('Localization/Options', 'LocalizationOption[]', await apis.getLocalizationApi(api).getLocalizationOptions());
kept('LiveTv/Info', 'LiveTvInfo', await apis.getLiveTvApi(api).getLiveTvInfo());
kept('LiveTv/Channels', 'BaseItemDtoQueryResult', await apis.getLiveTvApi(api).getLiveTvChannels());
kept('Library/MediaFolders', 'BaseItemDtoQueryResult', await library.getMediaFolders());

// A film: its page, its pictures, search.
const long = films.Items.find((item) => item.Name === 'Long');
const film = kept('Items/{id}', 'BaseItemDto', await library.getItem({ itemId: long.Id, userId: user.Id }));
facts.film = [film.Name, film.ProductionYear, film.MediaSources.length, film.MediaStreams.map((one) => one.Type)];
const rich = films.Items.find((item) => item.Name === 'Surround');
kept('Items/{id}/Similar', 'BaseItemDtoQueryResult', await library.getSimilarItems({ itemId: long.Id, limit: 12 }));
kept('Items/{id}/Ancestors', 'BaseItemDto[]', await library.getAncestors({ itemId: long.Id }));
kept('Items/{id}/ThemeMedia', 'AllThemeMediaResult', await library.getThemeMedia({ itemId: long.Id }));
kept('Items/{id}/SpecialFeatures', 'BaseItemDto[]', await library.getSpecialFeatures({ itemId: long.Id }));
kept('Items/{id}/LocalTrailers', 'BaseItemDto[]', await library.getLocalTrailers({ itemId: long.Id }));
kept('Items/{id}/Intros', 'BaseItemDtoQueryResult', await library.getIntros({ itemId: long.Id }));
kept('MediaSegments', 'MediaSegmentDtoQueryResult', await apis.getMediaSegmentApi(api).getItemSegments({ itemId: long.Id }));
const hints = kept('Search/Hints', 'SearchHintResult', await apis.getSearchApi(api).getSearchHints({ searchTerm: 'lon' }));
facts.hints = hints.SearchHints.map((hint) => hint.Name);
const searched = kept('Items?searchTerm', 'BaseItemDtoQueryResult', await library.getItems({ searchTerm: 'surr', recursive: true, limit: 5 }));
facts.searched = searched.Items.map((item) => item.Name);
const picture = apis.getImageApi(api).getItemImageUrl(film, 'Primary', { fillWidth: 200 });
facts.picture = picture ? await fetch(picture).then((answer) => answer.headers.get('content-type')) : 'none';

// A show: seasons, episodes, the next one.
const tv = apis.getShowApi(api);
const seasons = kept('Shows/{id}/Seasons', 'BaseItemDtoQueryResult', await tv.getSeasons({ seriesId: show.Id, fields }));
const episodes = kept(
  'Shows/{id}/Episodes',
  'BaseItemDtoQueryResult',
  await tv.getEpisodes({ seriesId: show.Id, seasonId: seasons.Items[0].Id, fields }),
);
facts.episodes = episodes.Items.map((item) => [item.ParentIndexNumber, item.IndexNumber]);
kept('Shows/NextUp', 'BaseItemDtoQueryResult', await tv.getNextUp({ userId: user.Id, seriesId: show.Id }));
kept('Shows/Upcoming', 'BaseItemDtoQueryResult', await tv.getUpcomingEpisodes({ limit: 3 }));

// Marks: seen, loved, and what the socket says of it.
const data = apis.getUserDataApi(api);
heard.length = 0;
const seen = kept('UserPlayedItems', 'UserItemDataDto', await data.markPlayedItem({ itemId: episodes.Items[0].Id }));
const loved = kept('UserFavoriteItems', 'UserItemDataDto', await data.markFavoriteItem({ itemId: long.Id }));
facts.marks = [seen.Played, loved.IsFavorite];
const changed = await until(() => heard.find((message) => message.MessageType === 'UserDataChanged'));
facts.toldOfMarks = changed ? changed.Data.UserDataList.every((one) => typeof one.ItemId === 'string') : null;
if (changed) answers.push(['socket: UserDataChanged', 'UserDataChangedMessage', changed]);
const next = kept('Shows/NextUp again', 'BaseItemDtoQueryResult', await tv.getNextUp({ userId: user.Id }));
facts.next = next.Items.map((item) => [item.SeriesName, item.IndexNumber]);
const favourites = kept('Items?IsFavorite', 'BaseItemDtoQueryResult', await library.getItems({ filters: ['IsFavorite'], recursive: true }));
facts.favourites = favourites.Items.map((item) => item.Name);

// Playing: as it is, and made anew for a device that takes little.
const media = apis.getMediaInfoApi(api);
const profile = (DirectPlayProfiles) => ({
  MaxStreamingBitrate: 120000000,
  DirectPlayProfiles,
  TranscodingProfiles: [{ Container: 'mp4', Type: 'Video', VideoCodec: 'h264', AudioCodec: 'aac', Protocol: 'hls', Context: 'Streaming', MaxAudioChannels: '2', MinSegments: 1 }],
  CodecProfiles: [{ Type: 'Video', Codec: 'h264', Conditions: [{ Condition: 'LessThanEqual', Property: 'VideoLevel', Value: '52', IsRequired: false }] }],
  SubtitleProfiles: [{ Format: 'vtt', Method: 'External' }],
});
const everything = profile([{ Type: 'Video' }]);
const direct = kept(
  'PlaybackInfo, direct',
  'PlaybackInfoResponse',
  await media.getPostedPlaybackInfo({ itemId: long.Id, userId: user.Id, playbackInfoDto: { UserId: user.Id, DeviceProfile: everything, AutoOpenLiveStream: true } }),
);
const file = await fetch(
  `${address}/Videos/${long.Id}/stream.mp4?static=true&mediaSourceId=${direct.MediaSources[0].Id}&ApiKey=${given.AccessToken}`,
  { headers: { range: 'bytes=0-99' } },
);
facts.direct = [direct.MediaSources[0].SupportsDirectPlay, file.status, (await file.arrayBuffer()).byteLength];
const little = kept(
  'PlaybackInfo, transcode',
  'PlaybackInfoResponse',
  await media.getPostedPlaybackInfo({
    itemId: rich.Id, userId: user.Id,
    playbackInfoDto: { UserId: user.Id, DeviceProfile: profile([{ Type: 'Video', Container: 'mp4', VideoCodec: 'vp9', AudioCodec: 'opus' }]), EnableDirectPlay: true, EnableTranscoding: true },
  }),
);
const source = little.MediaSources[0];
const master = await fetch(address + source.TranscodingUrl).then((answer) => answer.text());
const variant = master.split('\n').find((line) => line && !line.startsWith('#'));
const playlist = await fetch(new URL(variant, address + source.TranscodingUrl)).then((answer) => answer.text());
facts.transcode = [source.SupportsDirectPlay, source.TranscodingSubProtocol, master.startsWith('#EXTM3U'), playlist.includes('#EXT-X-ENDLIST')];
const words = source.MediaStreams.find((stream) => stream.Type === 'Subtitle');
facts.subtitles = await fetch(address + words.DeliveryUrl + `?ApiKey=${given.AccessToken}`).then((answer) => answer.text()).then((text) => text.startsWith('WEBVTT'));

// Reporting, with a look at what others see meanwhile.
const playing = apis.getSessionApi(api);
const at = (seconds) => ({ ItemId: long.Id, MediaSourceId: direct.MediaSources[0].Id, PlaySessionId: direct.PlaySessionId, PositionTicks: seconds * 10_000_000, CanSeek: true, IsPaused: false, IsMuted: false, PlayMethod: 'DirectPlay', RepeatMode: 'RepeatNone', PlaybackOrder: 'Default' });
await playing.reportPlaybackStart({ playbackStartInfo: at(0) });
await playing.reportPlaybackProgress({ playbackProgressInfo: at(120) });
const sessions = kept('Sessions', 'SessionInfoDto[]', await apis.getSessionApi(api).getSessions());
const mine = sessions.find((session) => session.DeviceId === 'sdk-bench');
facts.nowPlaying = [mine?.NowPlayingItem?.Name ?? null, mine?.PlayState?.PositionTicks ?? null, mine?.PlayState?.PlayMethod ?? null];
await playing.pingPlaybackSession({ playSessionId: direct.PlaySessionId });
await playing.reportPlaybackStopped({ playbackStopInfo: { ...at(150), Failed: false } });
const resume = kept('UserItems/Resume', 'BaseItemDtoQueryResult', await library.getResumeItems({ userId: user.Id, mediaTypes: ['Video'], limit: 12 }));
facts.resume = resume.Items.map((item) => [item.Name, item.UserData.PlaybackPositionTicks]);
kept('UserData', 'UserItemDataDto', await data.getItemUserData({ itemId: long.Id }));

// One device asks another: pause, go to, say something, play this.
const other = sessions.find((session) => session.DeviceId === 'sdk-tv');
facts.canControl = [other?.SupportsRemoteControl ?? null, other?.SupportedCommands ?? null];
await playing.sendPlaystateCommand({ sessionId: other.Id, command: 'Seek', seekPositionTicks: 50_000_000 });
await playing.sendMessageCommand({ sessionId: other.Id, messageCommand: { Header: 'Hello', Text: 'Dinner', TimeoutMs: 1000 } });
await playing.play({ sessionId: other.Id, playCommand: 'PlayNow', itemIds: [long.Id], startPositionTicks: 0 });
await until(() => told.length >= 3);
facts.told = told.map((message) => [message.MessageType, message.Data.Command ?? message.Data.Name ?? message.Data.PlayCommand]);
for (const message of told) answers.push([`socket: ${message.MessageType}`, `${message.MessageType}Message`, message]);
facts.unknownSession = await refused(playing.sendPlaystateCommand({ sessionId: '0'.repeat(32), command: 'Pause' }));

// Leaving.
stop();
stopTelevision();
await playing.reportSessionEnded();
facts.afterwards = await refused(system.getSystemInfo());

process.stdout.write(JSON.stringify({ facts, wrong: held(answers) }));
process.exit(0);

/** What TypeScript has to say of the answers, as if each were written down as a constant of its type. */
function held(found) {
  const known = join(folder, 'node_modules/@jellyfin/sdk/lib/generated-client/models/index.js');
  const lines = [`import type * as M from ${JSON.stringify(known)};`];
  const places = [];
  found.forEach(([where, type, body], number) => {
    const [plain, list] = type.endsWith('[]') ? [type.slice(0, -2), '[]'] : [type, ''];
    const text = `export const a${number}: M.${plain}${list} = ${JSON.stringify(body, null, 1)};`;
    const start = lines.join('\n').split('\n').length;
    lines.push(text);
    places.push([start, `${where} (${type})`]);
  });
  const file = join(folder, 'node_modules', '.answers.ts');
  const content = lines.join('\n');
  const options = { noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] };
  const host = ts.createCompilerHost(options);
  const [read, has] = [host.getSourceFile.bind(host), host.fileExists.bind(host)];
  host.getSourceFile = (path, ...more) => (path === file ? ts.createSourceFile(path, content, ts.ScriptTarget.ES2022) : read(path, ...more));
  host.fileExists = (path) => path === file || has(path);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map((one) => {
    const line = one.file ? one.file.getLineAndCharacterOfPosition(one.start).line : 0;
    const where = places.filter(([start]) => start <= line).pop()?.[1] ?? '';
    const here = one.file ? content.split('\n')[line].trim().slice(0, 80) : '';
    return `${where}: ${here}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ').slice(0, 300)}`;
  });
}
