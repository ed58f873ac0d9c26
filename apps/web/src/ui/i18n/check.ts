// The names of the emoji that two people compare. English comes from the engine; these are the
// translations of the Matrix specification (client-server API, "SAS method: emoji"), in its order.

import type { Check } from '../../engine/room';
import type { Language } from '../state/language.svelte';

/** What the emoji are called in a language. */
export function checkNames(language: Language, check: Check): string[] {
  if (language === 'en') return check.names;
  const names = NAMES[language];
  return check.places.map((place, index) => names[place] ?? check.names[index] ?? '');
}

const NAMES: Record<Exclude<Language, 'en'>, string[]> = {
  de: (
    'Hund,Katze,Löwe,Pferd,Einhorn,Schwein,Elefant,Hase,Panda,Hahn,Pinguin,Schildkröte,Fisch,Oktopus,' +
    'Schmetterling,Blume,Baum,Kaktus,Pilz,Globus,Mond,Wolke,Feuer,Banane,Apfel,Erdbeere,Mais,Pizza,' +
    'Kuchen,Herz,Lächeln,Roboter,Hut,Brille,Schraubenschlüssel,Weihnachtsmann,Daumen hoch,Regenschirm,' +
    'Sanduhr,Wecker,Geschenk,Glühbirne,Buch,Bleistift,Büroklammer,Schere,Schloss,Schlüssel,Hammer,' +
    'Telefon,Flagge,Zug,Fahrrad,Flugzeug,Rakete,Pokal,Ball,Gitarre,Trompete,Glocke,Anker,Kopfhörer,' +
    'Ordner,Stecknadel'
  ).split(','),
  es: (
    'Perro,Gato,León,Caballo,Unicornio,Cerdo,Elefante,Conejo,Panda,Gallo,Pingüino,Tortuga,Pez,Pulpo,' +
    'Mariposa,Flor,Árbol,Cactus,Seta,Globo,Luna,Nube,Fuego,Plátano,Manzana,Fresa,Maíz,Pizza,Tarta,' +
    'Corazón,Sonrisa,Robot,Sombrero,Gafas,Llave inglesa,Papá Noel,Pulgar arriba,Paraguas,Reloj de arena,' +
    'Reloj,Regalo,Bombilla,Libro,Lápiz,Clip,Tijeras,Candado,Llave,Martillo,Teléfono,Bandera,Tren,' +
    'Bicicleta,Avión,Cohete,Trofeo,Balón,Guitarra,Trompeta,Campana,Ancla,Auriculares,Carpeta,Chincheta'
  ).split(','),
};
