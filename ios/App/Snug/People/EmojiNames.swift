import Foundation
import SnugKit

/// The names of the emoji that two people compare. English comes from the engine; these are the
/// translations of the Matrix specification (client-server API, "SAS method: emoji"), in its order.
enum EmojiNames {
  static func name(in check: EmojiCheck, at index: Int) -> String {
    let english = check.names.indices.contains(index) ? check.names[index] : ""
    guard check.places.indices.contains(index), let names = names[language] else { return english }
    let place = check.places[index]
    return names.indices.contains(place) ? names[place] : english
  }

  private static var language: String {
    Bundle.main.preferredLocalizations.first.map { String($0.prefix(2)) } ?? "en"
  }

  private static let names: [String: [String]] = [
    "de": split(
      """
      Hund,Katze,Löwe,Pferd,Einhorn,Schwein,Elefant,Hase,Panda,Hahn,Pinguin,Schildkröte,Fisch,\
      Oktopus,Schmetterling,Blume,Baum,Kaktus,Pilz,Globus,Mond,Wolke,Feuer,Banane,Apfel,Erdbeere,\
      Mais,Pizza,Kuchen,Herz,Lächeln,Roboter,Hut,Brille,Schraubenschlüssel,Weihnachtsmann,\
      Daumen hoch,Regenschirm,Sanduhr,Wecker,Geschenk,Glühbirne,Buch,Bleistift,Büroklammer,Schere,\
      Schloss,Schlüssel,Hammer,Telefon,Flagge,Zug,Fahrrad,Flugzeug,Rakete,Pokal,Ball,Gitarre,\
      Trompete,Glocke,Anker,Kopfhörer,Ordner,Stecknadel
      """),
    "es": split(
      """
      Perro,Gato,León,Caballo,Unicornio,Cerdo,Elefante,Conejo,Panda,Gallo,Pingüino,Tortuga,Pez,\
      Pulpo,Mariposa,Flor,Árbol,Cactus,Seta,Globo,Luna,Nube,Fuego,Plátano,Manzana,Fresa,Maíz,\
      Pizza,Tarta,Corazón,Sonrisa,Robot,Sombrero,Gafas,Llave inglesa,Papá Noel,Pulgar arriba,\
      Paraguas,Reloj de arena,Reloj,Regalo,Bombilla,Libro,Lápiz,Clip,Tijeras,Candado,Llave,\
      Martillo,Teléfono,Bandera,Tren,Bicicleta,Avión,Cohete,Trofeo,Balón,Guitarra,Trompeta,\
      Campana,Ancla,Auriculares,Carpeta,Chincheta
      """),
  ]

  private static func split(_ names: String) -> [String] {
    names.split(separator: ",").map(String.init)
  }
}
