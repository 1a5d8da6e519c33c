package main

// person is somebody who writes to the shop, by the language they write.
var people = map[string]struct{ first, last, hosts []string }{
	"en": {
		[]string{"Amelia", "Oliver", "Isla", "Noah", "Grace", "Theo", "Ava", "Leo", "Freya", "Arthur", "Zara", "Callum", "Niamh", "Rory", "Priya", "Imran", "Chloe", "Ewan", "Hannah", "Kofi", "Megan", "Rhys", "Sadia", "Tom", "Yasmin", "Ben", "Esther", "Finn", "Lucy", "Marcus"},
		[]string{"Hughes", "Okafor", "Bennett", "Murray", "Patel", "Walsh", "Turner", "Clarke", "Doyle", "Ahmed", "Fraser", "Morgan", "Shaw", "Kelly", "Wright", "Baker", "Osei", "Grant", "Reid", "Lowe", "Parry", "Khan", "Mills", "Stone", "Webb", "Barrett", "Holt", "Nolan", "Pike", "Ward"},
		[]string{"mail.example", "post.example", "hughes-studio.example", "greenhouse.example", "cafe-lune.example", "northside.example"},
	},
	"de": {
		[]string{"Anna", "Jonas", "Lena", "Felix", "Miriam", "Paul", "Clara", "Tobias", "Greta", "Moritz"},
		[]string{"Schneider", "Weber", "Novak", "Hoffmann", "Keller", "Brandt", "Vogel", "Lorenz"},
		[]string{"post-de.example", "werkstatt.example", "mail-de.example"},
	},
	"fr": {
		[]string{"Camille", "Hugo", "Manon", "Lucas", "Élise", "Antoine", "Inès", "Théo"},
		[]string{"Carlier", "Moreau", "Dubois", "Lefèvre", "Garnier", "Roche"},
		[]string{"poste-fr.example", "atelier-roche.example", "mail-fr.example"},
	},
}

// words are what stands for {product} and the like.
var words = map[string][]string{
	"product": {"celadon bowl", "speckled mug", "tall vase", "pasta plate", "espresso cup", "serving dish", "butter dish", "planter with saucer", "ramen bowl", "teapot for four", "candle holder", "salt pig"},
	"glaze":   {"celadon", "oatmeal", "tenmoku", "matt white", "iron blue", "shino"},
	"class":   {"Tuesday wheel class", "Saturday taster", "six-week beginners' course", "hand-building evening", "glazing workshop", "parent and child morning"},
	"day":     {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"},
	"place":   {"Bristol", "Leith", "Hackney", "Cork", "Margate", "Sheffield", "Hebden Bridge", "Cardiff"},
	"amount":  {"£24", "£38", "£52", "£16.50", "£74", "£120"},
	"produkt": {"Schale in Seladon", "gesprenkelte Tasse", "hohe Vase", "Espressotasse", "Butterdose"},
	"produit": {"bol céladon", "tasse mouchetée", "grand vase", "tasse à expresso", "beurrier"},
}

// matter is what people write about: how it begins, what is answered, and how it goes on. What stands at one place of the lists belongs together. {order} is a number, {first} the customer's name.
type matter struct {
	lang, team, tag string
	weight          int // how often it comes up
	chat            bool
	priority        string
	subject         []string
	opens           []string
	answers         []string
	thanks          []string
	note            []string // what colleagues say to each other
}

var matters = []matter{
	{
		"en", "Orders", "Delivery", 14, true, "",
		[]string{"Where is order {order}?", "Order {order} has not arrived", "Delivery of my {product}"},
		[]string{
			"Hello,\n\nI ordered a {product} on {day} last week (order {order}) and the tracking has not moved since it left your studio. Could you find out where it is?\n\nBest wishes,\n{first}",
			"Hi there, my order {order} was meant to arrive by {day} and nothing has come yet. It's a birthday present, so I am getting a little nervous. {first}",
			"Good morning! The courier says my {product} was delivered, but nobody here in {place} has it. Order number is {order}. Can you help?",
		},
		[]string{
			"Hi {first},\n\nI'm sorry about the wait. I have just spoken to the courier: the parcel is at their depot in {place} and goes out tomorrow. If it isn't with you by {day}, I will send another one the same day.",
			"Hello {first}, thanks for letting us know. It was left with a neighbour at number 14, I have the name from the courier. Would you have a look there and tell me?",
			"Hi {first}, that one is on us: the label was unreadable and it came back this morning. A new parcel is packed and leaves today.",
		},
		[]string{"It came this afternoon, and it is lovely. Thank you!", "Found it, next door had it all along. Sorry for the fuss!", "Great, thanks for being so quick."},
		[]string{"Courier reference is KC-{order}. They owe us a call back.", "Second one from this depot this week, I'll raise it with them."},
	},
	{
		"en", "Orders", "Broken", 9, false, "high",
		[]string{"My {product} arrived broken", "Damaged in the post: order {order}", "Chipped {product}"},
		[]string{
			"Hello, the {product} from order {order} arrived today and the rim is chipped. The box looks as if it had been dropped. I can send photos if that helps. {first}",
			"Hi, sadly one of the two pieces in my order {order} came in three parts. The other one is perfect. Is it possible to get a replacement?\n\nKind regards\n{first}",
			"I unpacked my {product} and there is a crack running from the lip to the foot. I have not used it. What do you need from me? Order {order}.",
		},
		[]string{
			"Hi {first}, what a shame, I'm so sorry. No need for photos. A new one goes out on {day}; please keep the broken one, it makes good drainage for plants.",
			"Hello {first},\n\nthank you for telling us. I can send another in the same glaze on {day}, or refund {amount} straight away. Which would you prefer?",
			"Hi {first}, that should not happen with double boxes. I have made a replacement ready and asked the packers to use more straw.",
		},
		[]string{"A replacement would be wonderful, thank you.", "The new one is here in one piece. Thank you so much!", "The refund is fine, many thanks."},
		[]string{"Third chipped rim from the small boxes. Shall we go back to the old ones?", "Replacement is from the second shelf, batch of the 12th."},
	},
	{
		"en", "Classes", "Booking", 12, true, "",
		[]string{"Places on the {class}?", "Booking the {class}", "Classes for beginners?"},
		[]string{
			"Hi! Are there any places left on the {class}? There would be two of us, both complete beginners.",
			"Hello, I'd like to book the {class} but the page says it is full. Is there a waiting list I could join? Thanks, {first}",
			"Do you have classes for beginners? I live in {place} and could do any evening but {day}.",
		},
		[]string{
			"Hi {first}, yes, two places have just come free on the {class}. I'll hold them until tomorrow evening, the link to book is on its way.",
			"Hello {first}! It is full, but somebody always drops out. I've put you first on the list and will write the moment there is room.",
			"Hi {first}, beginners are very welcome. The {class} would suit you: small group, aprons and clay are included, and it is {amount} for the evening.",
		},
		[]string{"Booked, we can't wait!", "Please put me on the list then. Thanks!", "That sounds just right, thank you."},
		[]string{"Holding two for {first} until tomorrow, please don't sell them.", "Waiting list is nine people now."},
	},
	{
		"en", "Classes", "Moving a date", 7, false, "",
		[]string{"Not well, cannot come on {day}", "Can I move my {class}?"},
		[]string{
			"Hello, I'm booked on the {class} this {day} but have come down with a cold. Is there any chance of moving to another date? My booking is {order}. {first}",
			"Hi, something has come up at work and I can't make {day}. Could I swap with somebody or come the week after? Sorry for the short notice!",
		},
		[]string{
			"Hi {first}, of course, get well soon! I've moved you to the same time the week after. Nothing to pay.",
			"Hello {first}, no problem at all. The next one with a free wheel is on {day}. Shall I put you down for it?",
		},
		[]string{"You are a star, thank you.", "{day} is perfect, thanks!"},
		nil,
	},
	{
		"en", "Billing", "Refund", 8, false, "",
		[]string{"Charged twice for order {order}", "Refund not here yet", "Refund for my return"},
		[]string{
			"Hello,\n\nmy card was charged {amount} twice for order {order}. Could you refund one of them?\n\nMany thanks,\n{first}",
			"Hi, you kindly agreed to refund {amount} two weeks ago, but I can't see it on my statement. Could you check? {first}",
			"Good afternoon, I returned the {product} on {day} and the tracking says you have it. When can I expect the money back?",
		},
		[]string{
			"Hi {first}, I can see both. The second was never captured, your bank will let go of it within five days. If it hasn't, write to me and I'll call them.",
			"Hello {first}, sorry about that: it was waiting for a second signature. It left us today and should be with you in three to five days.",
			"Hi {first}, your parcel is here and looked after. I have refunded {amount} to the card you paid with.",
		},
		[]string{"It has arrived, thank you for sorting it out.", "Thanks, I will wait until {day}.", "Brilliant, thank you."},
		[]string{"Refund of {amount} started, reference R-{order}.", "Bank shows a reservation only, nothing to do."},
	},
	{
		"en", "Billing", "Invoice", 7, false, "",
		[]string{"Invoice for order {order}", "Our company name on the invoice"},
		[]string{
			"Hello, could you please send a VAT invoice for order {order}? Our accounts team needs it by {day}. {first}",
			"Hi, the invoice for {order} has my private address on it. Could you put the company's on it instead? It's the café in {place}.",
		},
		[]string{
			"Hi {first}, here you go, you'll find it attached to your order page too. Let me know if anything is missing.",
			"Hello {first}, done: the corrected one replaces the old number, so please throw that away.",
		},
		[]string{"Perfect, thank you.", "Got it, thanks for the quick reply."},
		[]string{"Corrected in the books as well."},
	},
	{
		"en", "Orders", "Wholesale", 4, false, "",
		[]string{"Cups for our café in {place}", "Wholesale prices?"},
		[]string{
			"Hello,\n\nwe are opening a small café in {place} and would love to use your espresso cups, about forty to begin with. Do you have a trade list, and how long would you need?\n\nWarm regards,\n{first}",
			"Hi, do you offer wholesale? We run a shop in {place} and customers keep asking where our own mugs are from. They're yours.",
		},
		[]string{
			"Hi {first}, how lovely. For forty we need about five weeks, and trade is 40 % off the shop price. I'll send you samples in {glaze} and one other glaze this week.",
			"Hello {first}, yes, we do. The list is attached; the smallest order is twelve of a shape. Would you like to come by and see them on {day}?",
		},
		[]string{"The samples are beautiful. We'll go for {glaze}.", "{day} works, see you then!"},
		[]string{"They want {glaze}. Check with the studio whether five weeks is honest."},
	},
	{
		"en", "Orders", "Question", 9, true, "low",
		[]string{"Is the {product} safe for the dishwasher?", "Glaze of the {product}", "Question about {glaze}"},
		[]string{
			"Hi, quick question: can the {product} go in the dishwasher, and in the microwave?",
			"Hello! Does the {product} come in {glaze} as well? I can only see two glazes on the page.",
			"Is the {glaze} glaze food safe? My sister is allergic to pretty much everything, so I have to ask.",
		},
		[]string{
			"Hi {first}, both are fine. We'd keep it out of the oven, sudden heat is what stoneware doesn't like.",
			"Hello {first}, not at the moment, but the next firing is on {day} and I could put one in for you. Shall I?",
			"Hi {first}, yes: every glaze we sell is lead-free and tested. I can send you the sheet for {glaze} if you like.",
		},
		[]string{"That's all I needed, thank you!", "Yes please, put one in for me.", "Thank you, ordering now."},
		nil,
	},
	{
		"en", "Orders", "Gift", 5, true, "",
		[]string{"Voucher code does not work", "Can you add a card?"},
		[]string{
			"Hi, I got a voucher for my birthday, but the code KC-{order} is refused at the till page. It says it has expired, though it is only a month old.",
			"Hello, could you put a little card into order {order}? It goes straight to my mum. Just write: Happy birthday, love {first}.",
		},
		[]string{
			"Hi {first}, a happy belated birthday! The code was made for the old shop. This one works: NEW-{order}.",
			"Hello {first}, with pleasure. It's in the box, written by hand by Ilse, who has the nicest writing here.",
		},
		[]string{"It works, thank you!", "You've made my day."},
		nil,
	},
	{
		"en", "Orders", "Return", 6, false, "",
		[]string{"Returning order {order}", "Wrong glaze in order {order}"},
		[]string{
			"Hello, the {product} is beautiful but too big for our shelf. I'd like to send it back. How does that work? Order {order}, bought on {day}.\n{first}",
			"Hi, I ordered {glaze} and got another glaze. It is nice, but doesn't go with the rest. Can I swap it?",
		},
		[]string{
			"Hi {first}, no problem. The label is on its way to you; please use the same box, and tape it well.",
			"Hello {first}, our mistake, sorry! Keep it as a thank-you, the right one leaves on {day}.",
		},
		[]string{"Dropped it off at the post office today.", "That is very kind of you. Thank you!"},
		[]string{"Packing mixed up two orders on {day}, look for the other customer."},
	},
	{
		"en", "Classes", "Firing", 5, false, "",
		[]string{"Can you fire my own pots?", "Collecting from the kiln"},
		[]string{
			"Hi, I make pots at home but have no kiln. Could I bring a few pieces to be fired? About a shelf, stoneware.",
			"Hello, I was on the {class} three weeks ago. Are my pots ready to collect? I could come on {day}.",
		},
		[]string{
			"Hi {first}, yes, we fire for others every other {day}. A shelf is {amount}. Please tell us which clay you use, so nothing melts onto our shelves.",
			"Hello {first}, they came out this morning and look great, one of them has the bluest {glaze} we've had this year. We are open until six.",
		},
		[]string{"See you on {day}, then.", "So happy with them, thank you!"},
		nil,
	},
	{
		"de", "Orders", "Delivery", 4, false, "",
		[]string{"Bestellung {order}", "Lieferung nach Berlin"},
		[]string{
			"Guten Tag,\n\nich habe vor zwei Wochen eine {produkt} bestellt (Nummer {order}) und sie ist noch nicht angekommen. Können Sie bitte nachsehen, wo das Paket ist?\n\nViele Grüße\n{first}",
			"Hallo, liefern Sie auch nach Deutschland, und was kostet der Versand für eine {produkt}? Danke und viele Grüße, {first}",
		},
		[]string{
			"Hallo {first}, das Paket liegt beim Zoll in Leipzig und sollte in den nächsten drei Tagen bei dir sein. Tut mir leid, dass es so lange dauert!",
			"Hallo {first}, ja, sehr gerne. Der Versand kostet 14 € und dauert etwa eine Woche.",
		},
		[]string{"Es ist heute angekommen, vielen Dank!", "Danke, dann bestelle ich gleich."},
		nil,
	},
	{
		"de", "Billing", "Invoice", 2, false, "",
		[]string{"Rechnung zu {order}"},
		[]string{"Guten Tag, ich brauche für die Bestellung {order} eine Rechnung mit unserer Firmenadresse. Können Sie mir die bitte schicken?\n\nMit freundlichen Grüßen\n{first}"},
		[]string{"Hallo {first}, gerne, die neue Rechnung ist unterwegs. Die alte bitte einfach löschen."},
		[]string{"Perfekt, danke!"},
		nil,
	},
	{
		"fr", "Orders", "Broken", 3, false, "high",
		[]string{"Commande {order} : pièce cassée", "Mon {produit} est arrivé cassé"},
		[]string{"Bonjour,\n\nle {produit} de ma commande {order} est arrivé cassé. Le carton était pourtant intact. Pouvez-vous m'en envoyer un autre ?\n\nMerci d'avance,\n{first}"},
		[]string{"Bonjour {first}, nous sommes désolés ! Un autre part demain, vous n'avez rien à faire. Vous pouvez garder le premier."},
		[]string{"Merci beaucoup, c'est très gentil."},
		nil,
	},
	{
		"fr", "Classes", "Booking", 1, true, "",
		[]string{"Cours en français ?"},
		[]string{"Bonjour, est-ce que vous avez des cours en français, ou avec quelqu'un qui le parle ? Je suis à {place} pour un mois avec ma fille. Merci !"},
		[]string{"Bonjour {first}, Noor parle français et donne le cours du samedi. Il reste deux places, je vous les garde ?"},
		[]string{"Oui, avec plaisir !"},
		nil,
	},
}

// welcome is what is answered to thanks, by language.
var welcome = map[string][]string{
	"en": {"You're very welcome, {first}!", "No trouble at all. Just write if there is anything else.", "Glad that worked out, {first}. Have a lovely week!"},
	"de": {"Sehr gerne, {first}!", "Freut mich, schöne Woche noch!"},
	"fr": {"Avec plaisir, {first} !", "Merci à vous, bonne semaine !"},
}

// spam and newsletters are what the filters keep out of the inbox.
var spam = []struct{ from, name, subject, text string }{
	{"seo@rank-higher.example", "Rank Higher", "Your website is not on page one", "Hello, I looked at your website and found 14 errors that keep you from the first page. Shall I send a free report?"},
	{"win@parcel-prize.example", "Parcel Centre", "Your parcel could not be delivered (2)", "Confirm your address and pay 1.99 to release your parcel. This offer ends today."},
	{"sales@cheap-clay.example", "Clay Direct", "Stoneware body from 0.40 a kilo", "We are factory for clay and can offer best price for your esteemed company. MOQ one container."},
}

var newsletters = []struct{ from, name, subject, text string }{
	{"news@craft-fairs.example", "Craft Fairs Weekly", "Spring fairs: stalls are open", "Applications for the spring fairs open on Monday. Last year's stalls keep their place until the end of the month. Unsubscribe at any time."},
	{"noreply@courier.example", "Northern Courier", "Your weekly collection report", "37 parcels were collected last week, 36 delivered on the first attempt."},
}
